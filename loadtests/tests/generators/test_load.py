"""The files of a round's load are in one folder."""

from pathlib import Path

from showdown.contract.contract import load_contract
from showdown.generators.load import Load

WORKLOADS = load_contract().scenarios


def test_a_generators_files_start_alike_even_where_a_name_has_a_dot() -> None:
    load = Load(
        url="http://127.0.0.1:1",
        scenario_name="healthz",
        scenario=WORKLOADS.scenarios["healthz"],
        profile=WORKLOADS.profiles["smoke"],
        recipes=1,
        seed=1,
        files=Path("rounds/1-healthz-mine.v2"),
    )
    assert load.file(".json") == Path("rounds/1-healthz-mine.v2.json")
    assert load.file("-urls.txt") == Path("rounds/1-healthz-mine.v2-urls.txt")
