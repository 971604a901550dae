"""What Locust supports and what it writes. Its runs are in test_workers.py, test_locustfile.py and test_run.py."""

from pathlib import Path

import pytest
from showdown.contract.contract import load_contract
from showdown.generators.load import Load
from showdown.generators.locust import LocustGenerator
from showdown_contract.errors import ShowdownError

WORKLOADS = load_contract().scenarios
RECIPES = 2_000


def a_load(files: Path) -> Load:
    return Load("", "mixed", WORKLOADS.scenarios["mixed"], WORKLOADS.profiles["smoke"], RECIPES, 1, files)


def test_it_can_do_every_scenario() -> None:
    for name, scenario in WORKLOADS.scenarios.items():
        LocustGenerator().require(name, scenario, 1)


@pytest.mark.parametrize("content", [None, "", "{}"])
def test_one_that_left_no_summary_is_an_error(tmp_path: Path, content: str | None) -> None:
    load = a_load(tmp_path / "round")
    if content is not None:
        load.file(".json").write_text(content)
    with pytest.raises(ShowdownError, match=r"Locust ended without a summary: see .*round\.log"):
        LocustGenerator().summary(load)
