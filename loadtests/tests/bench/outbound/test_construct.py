"""What an operation costs: measured in the library's environment, and kept without what names this machine."""

import gzip
import json
from pathlib import Path

import pyperf  # type: ignore[import-untyped]  # it has no types
import pytest
from outbound import construct
from outbound.construct import add, add_rows, loads, only_kept, read_rows
from outbound.libraries import LIBRARIES
from outbound.operations import Asked
from showdown_contract.errors import ShowdownError
from showdown_stack.upstream import Upstream

FACTS = b'{"id":1,"energy_kcal":375,"protein_g":3.1,"fat_g":42.6,"carbohydrate_g":69.9}'


@pytest.fixture
def asked(real_upstream: Upstream) -> Asked:
    return Asked(f"{real_upstream.url}/facts/1", FACTS, real_upstream.ca_file)


def test_a_library_loads_cas_where_its_documentation_says(asked: Asked) -> None:
    counted = {(row["operation"], row["trusted"]): row["loads"] for row in loads(LIBRARIES["aiohttp"], asked)}
    assert counted["construct", "default"] == 0, "aiohttp has a context, made when it is imported"
    assert counted["construct", "certifi"] == 1
    assert counted["one-off", "default"] == 0
    assert counted["one-off", "CA file"] == 1
    assert counted["one-off", "unverified"] == 0


def test_a_wrong_answer_ends_the_benchmark(asked: Asked) -> None:
    with pytest.raises(ShowdownError, match=r"was answered with 200 .*energy_kcal"):
        loads(LIBRARIES["aiohttp"], asked._replace(body=b"{}"))


def test_the_upstream_says_what_is_expected() -> None:
    with construct.asked() as asked:
        assert asked.body == FACTS


def suite(name: str, *values: float) -> pyperf.BenchmarkSuite:
    runs = [pyperf.Run([value], metadata={"name": name, "hostname": "here", "unit": "second"}) for value in values]
    return pyperf.BenchmarkSuite([pyperf.Benchmark(runs)])


def test_runs_are_added_to_those_before(tmp_path: Path) -> None:
    path = tmp_path / "new" / "times.json.gz"
    add(suite("httpx/construct/default", 1.0), path)
    add(suite("httpx/construct/default", 2.0), path)
    add(suite("aiohttp/construct/default", 3.0), path)
    kept = pyperf.BenchmarkSuite.load(str(path))
    assert kept.get_benchmark("httpx/construct/default").get_values() == (1.0, 2.0)
    assert kept.get_benchmark("aiohttp/construct/default").get_values() == (3.0,)
    assert "hostname" not in json.loads(gzip.decompress(path.read_bytes()))["metadata"]


def test_versions_are_not_mixed(tmp_path: Path) -> None:
    path = tmp_path / "times.json.gz"
    for version in ("1.0", "1.1"):
        new = suite("httpx/construct/default", 1.0)
        new.get_benchmark("httpx/construct/default").update_metadata({"library_version": version})
        if version == "1.0":
            add(new, path)
    with pytest.raises(ShowdownError, match=r"httpx/construct/default 1\.0, and this is 1\.1"):
        add(new, path)


def test_metadata_that_names_this_machine_is_left_out() -> None:
    whole = {"metadata": {"hostname": "here"}, "runs": [{"metadata": {"unit": "second", "python_executable": "/x"}}]}
    assert only_kept(whole) == {"metadata": {}, "runs": [{"metadata": {"unit": "second"}}]}


def test_rows_replace_those_of_the_same_name(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    add_rows(path, ("name", "figure"), [{"name": "a", "figure": 1}, {"name": "b", "figure": 2}])
    add_rows(path, ("name", "figure"), [{"name": "a", "figure": 3}, {"name": "a", "figure": 4}])
    assert [(row["name"], row["figure"]) for row in read_rows(path)] == [("a", "3"), ("a", "4"), ("b", "2")]
