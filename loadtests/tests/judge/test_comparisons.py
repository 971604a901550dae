"""Ratios of slices that stood side by side."""

import math

import pytest
from made_up_runs import SCENARIO, made_up_ceiling, made_up_run
from showdown.judge.comparisons import SERVICE_CPU, THROUGHPUT, Comparison, compare, comparisons
from showdown.judge.intervals import estimate
from showdown.measure.results import Run


def throughput(run: Run) -> Comparison:
    return compare(run, SCENARIO, 1, THROUGHPUT)


def test_a_ratio_is_of_slices_side_by_side() -> None:
    run = made_up_run({"slow": 100.0, "fast": 200.0}, blocks=3, laps=2, spread=0)
    # The machine gets slower and slower, for both alike.
    for one in run.slices:
        one.requests_per_second /= one.block * one.lap

    ratio = throughput(run).to_baseline("fast")

    assert ratio is not None
    assert ratio.interval == pytest.approx((2.0, 2.0))
    level = throughput(run).levels["fast"]
    assert level.interval[1] > 3 * level.value


def test_blocks_are_clusters() -> None:
    run = made_up_run({"slow": 100.0, "fast": 200.0}, blocks=3, laps=2)

    comparison = throughput(run)

    means = comparison.by_block["slow", "fast"]
    assert list(means) == [1, 2, 3]
    assert comparison.pairs["slow", "fast"] == estimate(list(means.values()))


def test_either_can_be_divided_by_the_other() -> None:
    comparison = throughput(made_up_run({"slow": 100.0, "fast": 200.0}))
    one, other = comparison.ratio("fast", "slow"), comparison.ratio("slow", "fast")

    assert one is not None
    assert other is not None
    assert one.value == pytest.approx(1 / other.value)
    assert one.interval[0] == pytest.approx(1 / other.interval[1])
    assert comparison.ratio("fast", "unknown") is None


def test_cpu_is_the_services() -> None:
    ratio = compare(made_up_run({"slow": 100.0, "fast": 200.0}, spread=0.001), SCENARIO, 1, SERVICE_CPU).to_baseline(
        "fast"
    )

    assert ratio is not None
    assert ratio.value == pytest.approx(0.5, rel=0.01)


def test_a_lost_block_is_no_ones_but_the_losers() -> None:
    run = made_up_run({"a": 100.0, "b": 200.0, "c": 300.0}, blocks=4)
    run.slices = [one for one in run.slices if (one.variant, one.block) != ("b", 2)]

    blocks = {pair: ratio.blocks for pair, ratio in throughput(run).pairs.items()}

    assert blocks == {("a", "b"): 3, ("a", "c"): 4, ("b", "c"): 3}


def test_a_slice_without_a_right_answer_is_left_out() -> None:
    run = made_up_run({"a": 100.0, "b": 200.0}, blocks=3, laps=1)
    run.slices[0].requests_per_second = 0

    assert throughput(run).pairs["a", "b"].blocks == 2


def test_groups_are_compared_through_the_baseline() -> None:
    run = made_up_run({"base": 100.0, "a": 200.0, "b": 300.0}, blocks=4, laps=1, spread=0)
    again = [one.model_copy(update={"group": 2}) for one in run.slices if one.variant == "base"]
    run.slices += again
    for one in run.slices:
        if one.variant == "b":
            one.group = 2
        # By the time of the second group the machine is slower.
        one.requests_per_second /= one.group

    comparison = throughput(run)

    ratio = comparison.ratio("b", "a")
    assert ratio is not None
    assert ratio.value == pytest.approx(1.5)
    assert list(comparison.pairs) == [("base", "a"), ("base", "b"), ("a", "b")]


def test_groups_without_a_common_contender_cannot_be_compared() -> None:
    run = made_up_run({"base": 100.0, "a": 200.0, "b": 300.0})
    run.slices = [one for one in run.slices if one.variant != "base"]
    for one in run.slices:
        one.group = 1 + (one.variant == "b")

    assert throughput(run).pairs == {}


def test_the_ceiling_is_compared_too() -> None:
    run = made_up_run({"a": 100.0, "b": 200.0}, blocks=3, laps=1)
    run.ceilings = [made_up_ceiling(block, 1, 400.0) for block in range(1, 4)]

    ratio = throughput(run).to_baseline("pgbench")

    assert ratio is not None
    assert ratio.value == pytest.approx(4, rel=0.1)


def test_each_number_of_hosts_is_compared_by_itself(grown: Run) -> None:
    found = [(one.service_hosts, one.measure) for one in comparisons(grown)]

    assert found == [(1, THROUGHPUT), (1, SERVICE_CPU), (2, THROUGHPUT), (2, SERVICE_CPU)]


def test_nothing_measured_is_nothing_to_compare(run: Run) -> None:
    run.slices, run.ceilings = [], []

    assert comparisons(run) == []


def test_without_the_baseline_another_is_compared_with() -> None:
    run = made_up_run({"a": 100.0, "b": 200.0, "c": 300.0})
    run.slices = [one for one in run.slices if one.variant != "a"]

    ratio = throughput(run).to_baseline("c")

    assert ratio is not None
    assert math.isclose(ratio.value, 1.5, rel_tol=0.05)
