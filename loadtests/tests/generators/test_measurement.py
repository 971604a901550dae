"""Only requests that ended within the measured seconds count, and measurements of several processes are merged."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from showdown.generators import measurement
from showdown.generators.measurement import MOST_FAILURE_KINDS, Latency, LoadSummary, Measurement

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


def started(warm_up: float = 0.0, measure: float = 0.0) -> Measurement:
    new = Measurement(warm_up, measure)
    new.start()
    return new


def see(seen: Measurement, milliseconds: float = 1.0, failure: str | None = None) -> None:
    seen.on_request(
        request_type="GET",
        name="recipe-detail",
        response_time=milliseconds,
        response_length=1,
        exception=ValueError(failure) if failure else None,
    )


def test_only_requests_that_end_within_the_measured_seconds_count(clock: Clock) -> None:
    seen = started(warm_up=2, measure=5)
    for after in (0.0, 1.999, 2.0, 4.0, 6.999, 7.0, 9.0):
        clock.now = START + after
        see(seen)
    summary = seen.summary()
    assert summary.requests == 3
    assert summary.total_requests == 7
    assert (summary.measured_from, summary.measured_to) == (START + 2, START + 7)
    assert summary.measured_seconds == 5
    assert summary.requests_per_second == 3 / 5


def test_without_an_end_it_measures_until_it_is_asked(clock: Clock) -> None:
    seen = started(warm_up=1)
    clock.now = START + 100
    see(seen)
    clock.now = START + 101
    assert seen.summary().measured_seconds == 100
    assert seen.summary().requests == 1


def test_one_that_ends_early_has_measured_less(clock: Clock) -> None:
    seen = started(warm_up=2, measure=5)
    clock.now = START + 3
    assert seen.summary().measured_seconds == 1
    clock.now = START + 1
    assert seen.summary().measured_seconds == 0
    assert seen.summary().requests_per_second == 0


def test_wrong_answers_are_no_throughput_and_have_no_latency(clock: Clock) -> None:
    seen = started(measure=10)
    see(seen, 5.0)
    see(seen, 5000.0, "wrong body")
    see(seen, 5000.0, "wrong body")
    see(seen, 5000.0, "status 500")
    clock.now = START + 10
    summary = seen.summary()
    assert (summary.requests, summary.errors) == (4, 3)
    assert summary.requests_per_second == 0.1
    assert summary.latency_ms.max == pytest.approx(5.0, rel=0.001)
    assert summary.failures == {"wrong body": 2, "status 500": 1}


def test_kinds_of_failure_are_bounded_and_errors_are_not(clock: Clock) -> None:
    seen = started(measure=10)
    for number in [*range(100), 0]:
        see(seen, failure=f"odd {number}")
    clock.now = START + 10
    assert seen.summary().errors == 101
    assert len(seen.summary().failures) == MOST_FAILURE_KINDS
    assert seen.summary().failures["odd 0"] == 2


def test_percentiles_are_true_to_three_digits(clock: Clock) -> None:
    seen = started(measure=10)
    for milliseconds in range(1, 1001):
        see(seen, milliseconds)
    clock.now = START + 10
    expected = {"p50": 500, "p90": 900, "p95": 950, "p99": 990, "max": 1000}
    assert seen.summary().latency_ms.model_dump() == pytest.approx(expected, rel=0.001)


def test_latencies_below_a_millisecond_are_not_rounded_away(clock: Clock) -> None:
    seen = started(measure=10)
    for milliseconds in (0.0, 0.25, 0.5):
        see(seen, milliseconds)
    clock.now = START + 10
    assert seen.summary().latency_ms.p50 == 0.25
    assert seen.summary().latency_ms.max == 0.5


def test_nothing_seen_is_no_latency(clock: Clock) -> None:
    seen = started(measure=10)
    clock.now = START + 10
    assert seen.summary().latency_ms == Latency(p50=0, p90=0, p95=0, p99=0, max=0)


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
        master = Measurement(2, 10)
        for second, after, milliseconds, failure in sorted(seen, key=lambda request: request[1]):
            clock.now = START + after
            see(alone, milliseconds, failure)
            see(workers[second], milliseconds, failure)
        clock.now = START + 30
        for worker in workers:
            master.absorb(worker.report())
        assert master.summary() == alone.summary()


def test_a_worker_that_was_never_started_changes_nothing(clock: Clock) -> None:
    master, worker, idle = Measurement(0, 10), started(measure=10), Measurement(0, 10)
    see(worker)
    clock.now = START + 10
    for each in (worker, idle):
        master.absorb(each.report())
    assert master.summary() == worker.summary()
    assert master.summary().requests_per_second == 0.1


def test_a_worker_without_an_end_has_measured_until_it_reports(clock: Clock) -> None:
    master, worker = Measurement(1, 0), started(warm_up=1)
    clock.now = START + 11
    master.absorb(worker.report())
    clock.now = START + 20
    assert master.summary().measured_seconds == 10


def test_a_summary_survives_its_file(clock: Clock) -> None:
    seen = started(measure=10)
    see(seen, 5.0)
    see(seen, 5.0, "wrong body")
    clock.now = START + 10
    assert LoadSummary.model_validate_json(seen.summary().model_dump_json()) == seen.summary()
