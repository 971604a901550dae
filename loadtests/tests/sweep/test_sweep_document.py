"""The JSON document of a sweep obeys its schema, and leads from each point to the row that it is."""

import json

import pytest
from jsonschema import Draft202012Validator
from made_up_sweeps import Speeds, made_up_latencies, made_up_sizes, made_up_sweep
from showdown.measure.results import Run
from showdown.report.summary import summarize
from showdown.sweep.sweep_document import SCHEMA, SweepDocument, json_schema, sweep_document

SPEEDS: Speeds = {"a": {"1": 100.0, "10": 300.0}, "b": {"1": 50.0, "10": 400.0}}


def of(*runs: Run) -> SweepDocument:
    return sweep_document([summarize(run) for run in runs])


def test_the_committed_schema_is_that_of_the_code() -> None:
    assert json.loads(SCHEMA.read_text()) == json_schema(), "type: python -m showdown.sweep.sweep_document"


@pytest.mark.parametrize(
    "runs",
    [[made_up_sweep("pool", SPEEDS)], [made_up_latencies(SPEEDS)], made_up_sizes(SPEEDS)],
    ids=["knob", "latency", "size"],
)
def test_the_document_obeys_its_schema(runs: list[Run]) -> None:
    Draft202012Validator.check_schema(json_schema())
    assert list(Draft202012Validator(json_schema()).iter_errors(json.loads(of(*runs).model_dump_json()))) == []


def test_each_point_is_a_row_of_a_run() -> None:
    found = of(*made_up_sizes(SPEEDS))
    (workload,) = found.workloads
    assert (found.parameter, workload.title) == ("size", "recipe-detail")
    assert [(each.value, each.variant, each.run) for each in workload.points] == [
        ("1", "a", 0), ("1", "b", 0), ("10", "a", 1), ("10", "b", 1),
    ]  # fmt: skip
    for each in workload.points:
        (row,) = (
            row
            for row in found.runs[each.run].rows
            if (row.scenario, row.variant) == (each.row_scenario, each.row_variant)
        )
        assert each.figures["requests_per_second"] == row.figures["requests_per_second"]


def test_what_the_curves_say_is_in_it() -> None:
    (workload,) = of(made_up_sweep("pool", SPEEDS)).workloads
    assert any(sentence.startswith("Rank change: a has more req/s than b at pool=1") for sentence in workload.sentences)


def test_what_is_refused_is_none() -> None:
    run = made_up_sweep("pool", SPEEDS)
    for each in run.slices:
        if each.variant == "b.pool-10":
            each.errors, each.failures = 1, {"wrong body": 1}
    (workload,) = of(run).workloads
    assert set(workload.points[-1].figures.values()) == {None}
