"""Whether what has been measured is precise enough."""

import pytest
from made_up_runs import SCENARIO, made_up_run
from showdown.judge.comparisons import THROUGHPUT, compare
from showdown.judge.precision import is_precise_enough, widest
from showdown.measure.results import Run


def until(half_width: float, run: Run) -> Run:
    run.until_half_width = half_width
    return run


def test_the_widest_interval_decides() -> None:
    run = made_up_run({"a": 100.0, "b": 200.0})
    half_width = widest(run)

    assert half_width is not None
    assert is_precise_enough(until(half_width + 0.01, run))
    assert not is_precise_enough(until(half_width / 2, run))


def test_more_blocks_make_it_precise() -> None:
    assert not is_precise_enough(until(0.015, made_up_run({"a": 100.0, "b": 200.0}, blocks=5)))
    assert is_precise_enough(until(0.015, made_up_run({"a": 100.0, "b": 200.0}, blocks=40)))


def test_a_few_blocks_may_be_alike_by_chance() -> None:
    assert not is_precise_enough(until(0.5, made_up_run({"a": 100.0, "b": 200.0}, blocks=3)))


def test_one_variant_that_lost_its_blocks_keeps_it_going() -> None:
    run = made_up_run({"a": 100.0, "b": 200.0, "c": 300.0}, blocks=8)
    run.slices = [one for one in run.slices if one.variant != "c" or one.block > 5]

    assert not is_precise_enough(until(0.5, run))


def test_without_anything_to_compare_nothing_is_precise() -> None:
    assert widest(made_up_run({"a": 100.0})) is None


def test_intervals_of_a_run_that_may_stop_early_are_wider() -> None:
    run = made_up_run({"a": 100.0, "b": 200.0})

    def half_width() -> float:
        ratio = compare(run, SCENARIO, 1, THROUGHPUT).to_baseline("b")
        assert ratio is not None
        return ratio.half_width

    plain = half_width()
    run.until_half_width = 0.03

    # Of Student's distribution with five degrees of freedom.
    assert half_width() / plain == pytest.approx(3.163 / 2.571, rel=0.01)
