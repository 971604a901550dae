"""Figures are known from the first block on, and their intervals from the second."""

import pytest
from made_up_runs import SCENARIO, made_up_run
from showdown.judge.comparisons import THROUGHPUT, compare
from showdown.report.levels import level, ratio


def test_with_one_block_there_is_no_interval() -> None:
    compared = compare(made_up_run({"slow": 1000.0, "fast": 2000.0}, blocks=1), SCENARIO, 1, THROUGHPUT)
    own, to_baseline = level(compared, "fast"), ratio(compared, "fast")
    assert own
    assert to_baseline
    assert (own.low, to_baseline.low) == (None, None)
    assert own.value == pytest.approx(2000, rel=0.1)
    assert to_baseline.value == pytest.approx(2, rel=0.1)


def test_with_two_there_is() -> None:
    compared = compare(made_up_run({"slow": 1000.0, "fast": 2000.0}, blocks=2), SCENARIO, 1, THROUGHPUT)
    own = level(compared, "fast")
    assert own
    assert own.low
    assert own.low < own.value


def test_what_was_not_measured_is_unknown() -> None:
    compared = compare(made_up_run({"slow": 1000.0}), SCENARIO, 1, THROUGHPUT)
    assert level(compared, "fast") is None
    assert ratio(compared, "fast") is None
