"""All entries are bigger-is-better, for the tool has one direction for a file."""

import json
from typing import Any

import pytest
from exported_runs import exported
from made_up_runs import made_up_run
from showdown.measure.rates import Rate
from showdown.measure.results import Run
from showdown.report.exports.benchmark import as_benchmark
from showdown.report.summary import summarize


def entries(run: Run) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in json.loads(as_benchmark(summarize(run)))}


def test_cpu_time_is_turned_into_requests_for_a_second_of_it() -> None:
    found = entries(made_up_run({"slow": 1000.0, "fast": 2000.0}))
    assert {entry["unit"] for entry in found.values()} == {"req/s", "×", "req/CPU s"}
    assert found["recipe-detail, fast: requests for a second of CPU"]["value"] == pytest.approx(2000, rel=0.05)
    assert found["recipe-detail, fast: throughput to the baseline"]["value"] == pytest.approx(2, rel=0.05)
    assert found["recipe-detail, fast: throughput"]["range"].startswith("± ")


def test_the_twin_the_ceiling_and_what_is_refused_are_left_out() -> None:
    names = {entry["name"].split(":")[0] for entry in json.loads(as_benchmark(exported()))}
    assert names == {f"recipe-detail, {variant}" for variant in ("slow", "fast", "faulty")}


def test_at_a_rate_only_cpu_time_tells_variants_apart() -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    run.rate = Rate(requests_per_second=500)
    assert {name.split(": ")[1] for name in entries(run)} == {"requests for a second of CPU"}
