"""Runs of schemathesis add up, and what one finds is told, whatever becomes of it."""

from collections.abc import Mapping
from typing import Any

import pytest
from stateful import Report, report_of, until


def document(**members: Any) -> Mapping[str, Any]:
    """What schemathesis writes, as far as it is read."""
    right = {"complete": True, "exit_code": 0, "failures": [], "errors": [], "test_cases": {"generated": 500}}
    return right | members


def test_nothing_is_wrong_where_nothing_was_found() -> None:
    assert report_of(7, document()) == Report(7, 500, [])


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"failures": [{"title": "Server error", "count": 2}], "exit_code": 1}, ["Server error: 2"]),
        ({"errors": [{"title": "Network Error", "count": 1}], "exit_code": 1}, ["Network Error: 1"]),
        ({"exit_code": 1}, ["schemathesis ended with code 1"]),
        ({"complete": False}, ["schemathesis ended with code 0"]),
    ],
)
def test_what_is_wrong_is_told(members: Mapping[str, Any], found: list[str]) -> None:
    assert report_of(1, document(**members)).found == found


def test_seeds_follow_each_other_until_there_were_enough_requests() -> None:
    assert [report.seed for report in until(1_200, 5, lambda seed: Report(seed, 500, []))] == [5, 6, 7]


def test_where_nothing_can_be_asked_it_ends() -> None:
    assert list(until(1_200, 5, lambda seed: Report(seed, 0, ["no service"]))) == [Report(5, 0, ["no service"])]
