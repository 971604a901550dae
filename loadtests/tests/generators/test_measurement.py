"""Only what was sent in an entry and answered within its seconds counts; several processes become one."""

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from showdown.generators import measurement
from showdown.generators.latencies import decoded, percentile_ms
from showdown.generators.measurement import MOST_FAILURE_KINDS, Arrivals, Counted, LoadSummary, Measurement
from showdown.generators.timetable import Entry

START = 1_700_000_000.0


class Clock(SimpleNamespace):
    """Replaces the time module, so that tests can set the time."""

    now = START

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Iterator[Clock]:
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measurement, "time", clock)
        yield clock


def entry(start: float = START, warm_up: float = 0.0, measure: float = float("inf")) -> Entry:
    counted_from = start + warm_up
    counted_to = counted_from + measure
    return Entry(start, counted_from, counted_to, counted_to, counted_to, "http://service", "healthz", 1, "seed")


def started(warm_up: float = 0.0, measure: float = float("inf")) -> Measurement:
    new = Measurement()
    new.start([entry(START, warm_up, measure)])
    return new


def see(seen: Measurement, milliseconds: float = 1.0, failure: str | None = None, number: int = 0) -> None:
    seen.on_request(
        request_type="GET",
        name="recipe-detail",
        response_time=milliseconds,
        response_length=1,
        exception=ValueError(failure) if failure else None,
        context={"entry": number},
    )


def only(seen: Measurement) -> Counted:
    (counted,) = seen.summary().entries
    return counted


def test_only_requests_that_end_within_the_measured_seconds_count(clock: Clock) -> None:
    seen = started(warm_up=2, measure=5)
    for after in (0.0, 1.999, 2.0, 4.0, 6.999, 7.0, 9.0):
        clock.now = START + after
        see(seen)
    assert only(seen).requests == 3
    assert only(seen).total_requests == 7
    assert only(seen).measured_seconds == 5
    assert only(seen).requests_per_second == 3 / 5


def test_a_request_that_crosses_a_boundary_counts_for_nobody(clock: Clock) -> None:
    seen = Measurement()
    seen.start([entry(START, measure=2), entry(START + 3, measure=2)])
    clock.now = START + 1
    see(seen, number=0)
    # Sent in the first entry, and answered while the second one counts.
    clock.now = START + 4
    see(seen, number=0)
    see(seen, number=1)
    first, second = seen.summary().entries
    assert (first.requests, first.total_requests) == (1, 2)
    assert (second.requests, second.total_requests) == (1, 1)


def test_a_request_whose_answer_nobody_awaits_was_sent_all_the_same(clock: Clock) -> None:
    seen = started(measure=10)
    seen.of(0).left()
    clock.now = START + 10
    assert (only(seen).requests, only(seen).errors, only(seen).total_requests) == (0, 0, 1)


def test_without_an_end_it_measures_until_it_is_asked(clock: Clock) -> None:
    seen = started(warm_up=1)
    clock.now = START + 100
    see(seen)
    clock.now = START + 101
    assert only(seen).measured_seconds == 100
    assert only(seen).requests == 1


def test_one_that_ends_early_has_measured_less(clock: Clock) -> None:
    seen = started(warm_up=2, measure=5)
    clock.now = START + 3
    assert only(seen).measured_seconds == 1
    clock.now = START + 1
    assert only(seen).measured_seconds == 0
    assert only(seen).requests_per_second == 0


def test_wrong_answers_are_no_throughput_and_have_no_latency(clock: Clock) -> None:
    seen = started(measure=10)
    see(seen, 5.0)
    see(seen, 5000.0, "wrong body")
    see(seen, 5000.0, "wrong body")
    see(seen, 5000.0, "status 500")
    clock.now = START + 10
    assert (only(seen).requests, only(seen).errors) == (4, 3)
    assert only(seen).requests_per_second == 0.1
    assert percentile_ms(decoded(only(seen).histogram), 100) == pytest.approx(5.0, rel=0.001)
    assert only(seen).failures == {"wrong body": 2, "status 500": 1}


def test_kinds_of_failure_are_bounded_and_errors_are_not(clock: Clock) -> None:
    seen = started(measure=10)
    for number in [*range(100), 0]:
        see(seen, failure=f"odd {number}")
    clock.now = START + 10
    assert only(seen).errors == 101
    assert len(only(seen).failures) == MOST_FAILURE_KINDS
    assert only(seen).failures["odd 0"] == 2


def test_latencies_below_a_millisecond_are_not_rounded_away(clock: Clock) -> None:
    seen = started(measure=10)
    for milliseconds in (0.0, 0.25, 0.5):
        see(seen, milliseconds)
    clock.now = START + 10
    histogram = decoded(only(seen).histogram)
    assert (percentile_ms(histogram, 50), percentile_ms(histogram, 100)) == (0.25, 0.5)


requests = st.lists(
    st.tuples(
        st.booleans(),
        st.floats(0, 20),
        st.floats(0, 50_000),
        st.none() | st.sampled_from(["status 500", "wrong body"]),
    )
)


@given(requests)
def test_two_that_are_merged_equal_one_that_saw_it_all(seen: list[tuple[bool, float, float, str | None]]) -> None:
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measurement, "time", clock)
        alone, *workers = (started(warm_up=2, measure=10) for _ in range(3))
        master = Measurement()
        for second, after, milliseconds, failure in sorted(seen, key=lambda request: request[1]):
            clock.now = START + after
            see(alone, milliseconds, failure)
            see(workers[second], milliseconds, failure)
        clock.now = START + 30
        for worker in workers:
            master.absorb(worker.report())
        assert master.summary() == alone.summary()


def test_a_worker_that_was_never_started_changes_nothing(clock: Clock) -> None:
    master, worker, idle = Measurement(), started(measure=10), Measurement()
    see(worker)
    clock.now = START + 10
    for each in (worker, idle):
        master.absorb(each.report())
    assert master.summary() == worker.summary()
    assert only(master).requests_per_second == 0.1


def test_a_worker_without_an_end_has_measured_until_it_reports(clock: Clock) -> None:
    master, worker = Measurement(), started(warm_up=1)
    clock.now = START + 11
    master.absorb(worker.report())
    clock.now = START + 20
    assert only(master).measured_seconds == 10


def test_a_summary_survives_its_file(clock: Clock) -> None:
    seen = started(measure=10)
    see(seen, 5.0)
    see(seen, 5.0, "wrong body")
    clock.now = START + 10
    assert LoadSummary.model_validate_json(seen.summary().model_dump_json()) == seen.summary()


def rated(measure: float = 5.0) -> Measurement:
    seen = Measurement()
    seen.start([replace(entry(START, 1, measure), rate=10.0)])
    return seen


def arrive(seen: Measurement, moment: float, late_by: float = 0.0, *, has_user: bool = True) -> None:
    seen.of(0).due(moment, has_user)
    seen.of(0).sent(moment, late_by)


def answer(seen: Measurement, moment: float) -> None:
    context = {"entry": 0, "moment": moment}
    seen.on_request(response_time=5.0, exception=None, context=context)


def test_at_a_rate_what_was_meant_for_the_measured_seconds_counts_whenever_it_is_answered(clock: Clock) -> None:
    seen = rated()
    for after in (0.9, 1.0, 5.9, 6.0):
        arrive(seen, START + after)
        clock.now = START + after + 3
        answer(seen, START + after)
    assert only(seen).requests == 2
    assert only(seen).total_requests == 4
    assert only(seen).arrivals == Arrivals(due=2, sent=2)


def test_at_a_rate_whoever_had_to_wait_is_counted(clock: Clock) -> None:
    seen = rated()
    arrive(seen, START + 2)
    arrive(seen, START + 2.1, 0.0005)
    arrive(seen, START + 2.2, 0.5, has_user=False)
    arrive(seen, START + 2.3, 0.4, has_user=False)
    seen.of(0).due(START + 2.4, has_user=False)
    for after in (2, 2.1, 2.2):
        answer(seen, START + after)
    clock.now = START + 10
    arrivals = only(seen).arrivals
    assert arrivals == Arrivals(due=5, waited=3, late=2, sent=4, unsent=1, unanswered=1)
    assert arrivals.were_missed
    assert str(arrivals) == (
        "of 5 requests that were due 3 had to wait for a free user, 1 were never sent and 1 not answered in the end: "
        "more users (-u) would send them in time"
    )


def test_at_a_rate_what_two_workers_saw_becomes_one(clock: Clock) -> None:
    master, workers = Measurement(), [rated(), rated()]
    for worker in workers:
        arrive(worker, START + 2, 0.5, has_user=False)
        answer(worker, START + 2)
        worker.of(0).due(START + 3, has_user=True)
    clock.now = START + 10
    for worker in workers:
        master.absorb(worker.report())
    assert only(master).arrivals == Arrivals(due=4, waited=2, late=2, sent=2, unsent=2)
    assert only(started()).arrivals is None


def see_at(
    seen: Measurement, milliseconds: float, moment: float | None, failure: str | None = None, status: int = 200
) -> None:
    seen.on_request(
        response_time=milliseconds,
        exception=ValueError(failure) if failure else None,
        context={"entry": 0, "moment": moment, "status": status},
    )


def with_windows() -> Measurement:
    new = Measurement()
    new.start([replace(entry(), rate=2.0, window_seconds=0.5)])
    return new


def test_refusals_have_latencies_of_their_own(clock: Clock) -> None:
    seen, other = started(), started()
    clock.now += 1
    see_at(seen, 5.0, None)
    see_at(seen, 2.0, None, "status 503", 503)
    see_at(other, 2.0, None, "status 503", 503)
    see_at(other, 7.0, None, "wrong body", 200)
    seen.absorb(other.report())
    counted = only(seen)
    assert (counted.requests, counted.errors) == (4, 3)
    assert counted.failures == {"status 503": 2, "wrong body": 1}
    assert counted.refused
    refused = decoded(counted.refused)
    assert refused.total_count == 2
    assert percentile_ms(refused, 99) == pytest.approx(2, rel=0.01)
    assert only(started()).refused is None


def test_what_arrives_is_counted_in_windows_too(clock: Clock) -> None:
    seen, other = with_windows(), with_windows()
    clock.now += 2
    for of, offset in ((seen, 0.0), (seen, 0.6), (other, 0.7)):
        of.of(0).due(START + offset, has_user=True)
    see_at(seen, 5.0, START)
    see_at(seen, 9.0, START + 0.6, "status 503", 503)
    see_at(other, 7.0, START + 0.7)
    seen.absorb(other.report())
    windows = only(seen).windows
    assert [each.due for each in windows] == [1, 2]
    assert [percentile_ms(decoded(each.histogram), 50) for each in windows] == pytest.approx([5, 7], rel=0.01)
    assert only(started()).windows == []


def test_more_than_can_be_sent_counts_by_when_it_was_sent(clock: Clock) -> None:
    seen = Measurement()
    seen.start([replace(entry(), rate=2.0, is_overload=True)])
    clock.now += 1
    see_at(seen, 5.0, None)
    counted = only(seen)
    assert (counted.requests, counted.arrivals) == (1, None)
