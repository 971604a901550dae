"""Slopes of lines, and their mean over blocks."""

import pytest
from showdown.judge.slope import mean_slope, slope


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        ([1, 2, 3], [10, 12, 14], 2.0),
        ([1, 2, 3], [14, 12, 10], -2.0),
        # The least-squares line, not one through the ends.
        ([0, 0, 1, 1], [0, 2, 3, 5], 3.0),
        # Nothing changes along x: nothing is known to grow.
        ([5, 5], [1, 9], 0.0),
    ],
)
def test_the_slope_of_the_least_squares_line(x: list[float], y: list[float], expected: float) -> None:
    assert slope(x, y) == pytest.approx(expected)


def test_the_interval_is_students_and_may_include_0() -> None:
    mean = mean_slope([-1.0, 0.0, 4.0], 0.95)
    # 4.303 standard errors of three observations.
    assert (mean.value, mean.low, mean.high) == pytest.approx((1.0, 1 - 6.57, 1 + 6.57), abs=0.01)
    assert mean_slope([2.0, 2.0], 0.95).low == pytest.approx(2.0)
