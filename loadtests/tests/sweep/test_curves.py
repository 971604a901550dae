"""A curve has each point's own figure, with the interval that its blocks tell."""

import pytest
from made_up_sweeps import made_up_sweep
from showdown.report.summary import summarize
from showdown.sweep.curves import DRAWN, REQUESTS, curve
from showdown.sweep.workloads import Workload, workloads

SPEEDS = {"a": {"1": 100.0, "10": 400.0, "20": 410.0}, "b": {"1": 50.0, "10": 60.0, "20": 70.0}}


def workload(blocks: int = 6) -> Workload:
    (found,) = workloads([summarize(made_up_sweep("users", SPEEDS, blocks=blocks))])
    return found


def test_throughput_is_that_of_the_runs_own_table() -> None:
    found = workload()
    for place, reached in zip(found.places, curve(found, "a", REQUESTS), strict=True):
        row = place.row("a")
        assert row is not None
        shown = row.figure("requests_per_second")
        assert shown is not None
        assert (reached.figure.value, reached.figure.low) == pytest.approx((shown.value, shown.low))


def test_every_measure_has_an_interval_around_what_is_true() -> None:
    found = workload()
    truth = {"requests_per_second": 400.0, "p99_ms": 10 / 400 * 1000, "service_cpu_us": 1e6 / 400, "rss_mib": 100.0}
    for drawn in DRAWN:
        figure = curve(found, "a", drawn)[1].figure
        assert figure.low is not None
        assert figure.high is not None
        # A block's p99 is that of its slowest slice here.
        assert figure.low * 0.95 <= truth[drawn.name] <= figure.high * 1.05


def test_one_block_gives_numbers_without_an_interval() -> None:
    figures = [each.figure for each in curve(workload(blocks=1), "b", REQUESTS)]
    assert [figure.low for figure in figures] == [None, None, None]
    assert figures[0].value == pytest.approx(50, rel=0.1)


def test_a_point_that_was_not_measured_is_left_out() -> None:
    run = made_up_sweep("pool", SPEEDS)
    run.slices = [each for each in run.slices if each.variant != "a.pool-10"]
    (found,) = workloads([summarize(run)])
    assert [each.value for each in curve(found, "a", REQUESTS)] == ["1", "20"]


def test_numbers_that_are_refused_are_not_drawn() -> None:
    run = made_up_sweep("pool", SPEEDS)
    for each in run.slices:
        if each.variant == "a.pool-10":
            each.errors = 1
            each.failures = {"wrong body": 1}
    (found,) = workloads([summarize(run)])
    assert [each.value for each in curve(found, "a", REQUESTS)] == ["1", "20"]
