"""What clients saw is counted from the log of arrivals."""

import pytest
from showdown.faults.seen import failed_before, recovered_seconds, seen
from showdown.generators.arrival_log import DEADLINE_SECONDS, Arrived

START = 1_000.0


def arrived(at: float, status: int | None = 200, failure: str | None = None, took: float = 0.01) -> Arrived:
    """A request that was due so many seconds after the start."""
    return Arrived(START + at, START + at, START + at + took, "recipe-detail", status, failure)


RIGHT = [arrived(number / 10) for number in range(100)]


def test_where_all_is_right_nothing_failed() -> None:
    found = seen(RIGHT, START)
    assert (found.requests, found.failures, found.failed) == (100, 0, {})
    assert found.worst_ms == pytest.approx(10)
    assert found.first_failed_seconds is found.last_failed_seconds is None
    assert recovered_seconds(found, 3.0, 10.0) == 0.0


def test_failures_are_told_by_status() -> None:
    failed = [arrived(2, 503, "status 503"), arrived(3, None, "no answer: reset"), arrived(4, 503, "status 503")]
    found = seen([*RIGHT, *failed], START)
    assert found.failed == {"503": 2, "no answer": 1}
    assert found.failures == 3
    assert (found.first_failed_seconds, found.last_failed_seconds) == (2.0, 4.0)


def test_a_wrong_body_is_told_apart_from_a_status() -> None:
    found = seen([arrived(1, 200, "wrong body")], START)
    assert (found.wrong_bodies, found.failed) == (1, {"wrong body": 1})


def test_what_had_no_answer_when_its_deadline_was_over_is_hung() -> None:
    silent, refused = arrived(1, None, "no answer", DEADLINE_SECONDS), arrived(1, None, "no answer", 0.1)
    late = arrived(1, 504, "status 504", DEADLINE_SECONDS)
    assert seen([silent, refused, late], START).hung == 1


def test_latency_counts_from_when_a_request_was_due() -> None:
    late = Arrived(START, START + 2, START + 3, "recipe-detail", 200, None)
    assert seen([late], START).worst_ms == 3_000


def test_a_request_that_was_not_sent_has_failed_and_does_not_hang() -> None:
    unsent = Arrived(START, None, START, "recipe-detail", None, "too many requests under way")
    found = seen([unsent], START)
    assert (found.failed, found.hung) == ({"not sent": 1}, 0)


@pytest.mark.parametrize(
    ("last_failed", "recovered"),
    [(2.5, 0.0), (3.0, 0.0), (4.25, 1.25), (9.4, 6.4), (9.6, None)],
    ids=["before the fault is over", "at its end", "after it", "late", "until the end"],
)
def test_recovery_is_from_the_end_of_the_fault_until_the_last_failure(
    last_failed: float, recovered: float | None
) -> None:
    found = seen([*RIGHT, arrived(1.5, 503, "status 503"), arrived(last_failed, 503, "status 503")], START)
    assert recovered_seconds(found, 3.0, 10.0) == (recovered if recovered is None else pytest.approx(recovered))


def test_failures_before_the_fault_are_counted_by_their_end() -> None:
    arrivals = [arrived(0.5, 503, "status 503"), arrived(0.9, 503, "status 503", took=0.5), *RIGHT]
    assert failed_before(arrivals, START + 1) == 1
