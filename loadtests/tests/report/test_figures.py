"""Figures are written with as many digits as mean something, and with their intervals."""

import pytest
from showdown.judge.intervals import estimate
from showdown.report.figures import (
    Figure,
    compact,
    difference,
    figure,
    full,
    hundredths,
    milliseconds,
    percent,
    signed,
    three_digits,
    whole,
)


def test_in_a_terminal_an_interval_is_how_far_it_reaches_up() -> None:
    assert compact(Figure(1000.0, 970.9, 1030.0), whole) == "1,000 ±3.0%"
    assert compact(Figure(1000.0, 769.2, 1300.0), whole) == "1,000  ±30%"


def test_what_has_no_interval_says_so() -> None:
    assert compact(Figure(1000.0), whole) == "1,000     –"
    assert full(Figure(1000.0), whole) == "1,000"


def test_where_there_is_room_both_ends_are_shown() -> None:
    assert full(Figure(21.6, 20.9, 22.3), three_digits) == "21.6 [20.9–22.3]"


def test_an_estimate_brings_its_interval() -> None:
    known = estimate([0.0, 0.1, 0.2])
    assert known
    low, high = known.interval
    assert figure(known) == Figure(known.value, low, high)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.000"),
        (0.00731, "0.0073"),
        (0.0241, "0.024"),
        (0.2384, "0.238"),
        (1.0, "1.00"),
        (1.166, "1.17"),
        (9.996, "10.0"),
        (21.62, "21.6"),
        (117.4, "117"),
    ],
)
def test_a_ratio_has_three_digits(value: float, text: str) -> None:
    assert three_digits(value) == text


@pytest.mark.parametrize(
    ("p99", "text"), [(0.04, "0.0"), (9.96, "10.0"), (99.94, "99.9"), (100.0, "100"), (1234.5, "1,234")]
)
def test_tenths_of_a_millisecond_are_for_short_times(p99: float, text: str) -> None:
    assert milliseconds(p99) == text


@pytest.mark.parametrize(("share", "text"), [(0.031, "3.1%"), (0.0994, "9.9%"), (0.0996, "10%"), (1.2, "120%")])
def test_tenths_of_a_percent_are_for_narrow_intervals(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(-0.123, "−0.12"), (-0.001, "0.00"), (0.996, "1.0"), (-2.44, "−2.4"), (9.96, "10"), (3006, "3,006")],
)
def test_a_difference_has_its_sign(value: float, text: str) -> None:
    assert signed(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.9849, "0.98"), (-0.018, "−0.02"), (-0.004, "0.00"), (12.3, "12.30")])
def test_what_is_near_to_0_or_1_has_two_decimals(value: float, text: str) -> None:
    assert hundredths(value) == text


def test_an_interval_across_zero_shows_both_ends() -> None:
    assert difference(Figure(0.02, -0.1, 0.14), signed) == "0.02 [−0.10, 0.14]"
    assert difference(Figure(0.02), signed) == "0.02"
