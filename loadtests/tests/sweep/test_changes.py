"""A rank change is two differences that are established, and no crossing of two curves by chance."""

import re

import pytest
from made_up_sweeps import Speeds, made_up_rows, made_up_sizes, made_up_sweep
from showdown.judge.comparisons import SERVICE_CPU, THROUGHPUT
from showdown.measure.results import Run
from showdown.report.summary import summarize
from showdown.sweep.changes import best_sentences, change_sentences, changes
from showdown.sweep.workloads import Workload, workloads

CROSSING: Speeds = {
    "a": {"1": 100.0, "5": 200.0, "20": 300.0, "50": 310.0},
    "b": {"1": 50.0, "5": 150.0, "20": 301.0, "50": 600.0},
}
PARALLEL: Speeds = {"a": {"1": 100.0, "5": 200.0}, "b": {"1": 50.0, "5": 150.0}}


def of(*runs: Run) -> Workload:
    (found,) = workloads([summarize(run) for run in runs])
    return found


def test_the_order_changes_where_both_differences_are_established() -> None:
    (change,) = changes(of(made_up_sweep("pool", CROSSING)), THROUGHPUT)
    assert (change.first, change.second) == ("a", "b")
    assert ([*change.ahead], [*change.behind]) == (["1", "5"], ["50"])
    # Always of the one that is ahead to the other.
    assert change.ahead["1"].value == pytest.approx(2.0, rel=0.1)
    assert change.behind["50"].value == pytest.approx(600 / 310, rel=0.1)
    # A made-up service takes 1 / speed of CPU, and less of it is better.
    (change,) = changes(of(made_up_sweep("pool", CROSSING)), SERVICE_CPU)
    assert ([*change.ahead], [*change.behind]) == (["1", "5"], ["50"])


def test_it_is_said_in_a_sentence_with_the_ratio_at_each_value() -> None:
    told = " ".join(change_sentences(of(made_up_sweep("pool", CROSSING))))
    ratio = r"\([\d.]+ \[[\d.]+–[\d.]+\] ×\)"
    assert re.search(
        rf"Rank change: a has more req/s than b at pool=1 {ratio} and pool=5 {ratio}; "
        rf"b has more req/s at pool=50 {ratio}\.",
        told,
    ), told
    assert "b takes less service CPU a request at pool=50" in told


def test_curves_that_are_alike_do_not_change_their_order_however_they_cross() -> None:
    alike = {"1": 100.0, "2": 101.0, "5": 100.0, "10": 99.0, "20": 100.0}
    for blocks in (2, 3, 6, 10):
        run = made_up_sweep("users", {"a": alike, "b": alike}, blocks=blocks, spread=0.05)
        assert changes(of(run), THROUGHPUT) == []


def test_that_there_is_none_is_said_too() -> None:
    assert [*change_sentences(of(made_up_sweep("pool", PARALLEL)))] == [
        "No rank change in req/s is established.",
        "No rank change in service CPU a request is established.",
    ]


def test_of_one_variant_there_is_no_rank() -> None:
    assert [*change_sentences(of(made_up_sweep("pool", {"a": CROSSING["a"]})))] == []


def test_one_block_establishes_nothing() -> None:
    assert changes(of(made_up_sweep("pool", CROSSING, blocks=1)), THROUGHPUT) == []


def test_ranks_change_between_runs_and_between_scenarios_too() -> None:
    for workload in (of(*made_up_sizes(CROSSING)), of(made_up_rows(CROSSING))):
        (change,) = changes(workload, THROUGHPUT)
        assert ([*change.ahead], [*change.behind]) == (["1", "5"], ["50"])


def test_a_doubtful_row_changes_no_rank() -> None:
    run = made_up_sweep("pool", CROSSING)
    for each in run.slices:
        if each.variant == "b.pool-50":
            each.errors = each.requests // 2
            each.failures = {"status 500": each.errors}
    assert changes(of(run), THROUGHPUT) == []


def test_the_best_value_is_named_with_those_that_are_as_good() -> None:
    speeds = {"a": {"1": 100.0, "5": 300.0, "20": 302.0, "50": 200.0}}
    (told,) = best_sentences(of(made_up_sweep("pool", speeds)))
    assert re.fullmatch(
        r"a: most req/s at pool=(5, not distinguishable from 20|20, not distinguishable from 5); "
        r"least service CPU a request at pool=(5, not distinguishable from 20|20, not distinguishable from 5)\.",
        told,
    ), told


@pytest.mark.parametrize("runs", [made_up_sizes(CROSSING), [made_up_rows(CROSSING)]])
def test_of_points_that_did_not_stand_side_by_side_none_is_the_best(runs: list[Run]) -> None:
    assert [*best_sentences(of(*runs))] == []
