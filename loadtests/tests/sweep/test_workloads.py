"""The points of a sweep come together, whichever runs have measured them."""

from made_up_sweeps import made_up_latencies, made_up_rows, made_up_sizes, made_up_sweep
from showdown.report.summary import summarize
from showdown.sweep.workloads import workloads

SPEEDS = {"a": {"1": 100.0, "10": 300.0}, "b": {"1": 50.0, "10": 400.0}}


def test_a_knob_has_a_workload_for_each_scenario() -> None:
    (workload,) = workloads([summarize(made_up_sweep("pool", SPEEDS))])
    assert (workload.title, workload.parameter, workload.variants) == ("recipe-detail", "pool", ["a", "b"])
    assert [place.value for place in workload.places] == ["1", "10"]
    row = workload.places[1].row("b")
    assert row is not None
    assert row.name == "b.pool-10"
    assert workload.is_side_by_side


def test_sizes_are_of_several_runs() -> None:
    (workload,) = workloads([summarize(run) for run in made_up_sizes(SPEEDS)])
    assert [(place.value, place.run.size) for place in workload.places] == [("1", 1), ("10", 10)]
    assert not workload.is_side_by_side


def test_rows_are_one_workload_of_several_scenarios() -> None:
    (workload,) = workloads([summarize(made_up_rows(SPEEDS))])
    assert workload.title == "rows"
    assert [(place.value, place.scenario) for place in workload.places] == [
        ("1", "recipe-detail-1"),
        ("10", "recipe-detail-10"),
    ]
    assert not workload.is_side_by_side


def test_all_latencies_of_a_scenario_are_one_workload() -> None:
    (workload,) = workloads([summarize(made_up_latencies({"a": {"0": 100.0, "2.5": 50.0}}))])
    assert (workload.title, workload.parameter) == ("recipe-detail", "latency")
    assert [(place.value, place.scenario) for place in workload.places] == [
        ("0", "recipe-detail-0ms"),
        ("2.5", "recipe-detail-2.5ms"),
    ]
    assert workload.is_numeric
    assert not workload.is_side_by_side
