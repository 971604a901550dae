"""What keeps a row's connections."""

import pytest
from made_up_runs import SCENARIO, made_up_run, made_up_tier
from showdown.judge.rows import Row, rows
from showdown.judge.verdicts.connections import (
    PoolExhausted,
    WaitsForDisk,
    WaitsForLocks,
    WaitsForRoundTrips,
    verdicts,
)
from showdown.judge.verdicts.verdict import Consequence
from showdown.measure.results import Run
from showdown.stacks.records import Link


@pytest.fixture
def run() -> Run:
    """Of a variant that answers 1,000 requests per second, with a pool of 20 connections."""
    return made_up_run({"a": 1000.0}, spread=0)


def only(run: Run) -> Row:
    (row,) = rows(run)
    return row


def looked_at(run: Run, active: float | None, locks: float = 0, disk: float = 0) -> Row:
    for one in run.slices:
        assert one.work
        one.work.active_connections = active
        one.work.waiting_for_locks, one.work.waiting_for_disk = locks, disk
    return only(run)


def far_away(run: Run, round_trips: int, latency_ms: float) -> Row:
    run.latency_ms = {SCENARIO: latency_ms}
    for one in run.slices:
        one.link = Link(
            service_requests=one.requests,
            round_trips=round_trips * one.requests,
            waited_ms=round_trips * one.requests * 2 * latency_ms,
            connections_opened=0,
        )
    return only(run)


def test_a_row_of_which_nobody_knows_what_connections_do_is_no_doubt(run: Run) -> None:
    assert list(verdicts(looked_at(run, None))) == []


@pytest.mark.parametrize(("active", "exhausted"), [(18.1, True), (17.9, False)])
def test_a_pool_whose_connections_are_all_busy_is_exhausted(run: Run, active: float, exhausted: bool) -> None:
    row = looked_at(run, active)
    assert list(verdicts(row)) == ([PoolExhausted(row.about, 18.1, 20)] if exhausted else [])


def test_a_pool_is_not_too_small_where_there_is_no_more_cpu(run: Run) -> None:
    for one in run.slices:
        one.tiers["postgres"] = made_up_tier(3800.0)
    assert list(verdicts(looked_at(run, 20.0))) == []


def test_a_pool_that_locks_keep_is_not_too_small(run: Run) -> None:
    row = looked_at(run, 20.0, locks=18.5)

    (found,) = verdicts(row)

    assert found == WaitsForLocks(row.about, 18.5, 20.0)
    assert found.consequence is Consequence.NOTE
    assert found.seen == "18.5 of 20.0 connections in use waited for another transaction's lock on average"


def test_a_pool_that_the_disk_keeps_is_not_too_small(run: Run) -> None:
    row = looked_at(run, 20.0, disk=11.0)

    (found,) = verdicts(row)

    assert found == WaitsForDisk(row.about, 11.0, 20.0)
    assert found.seen == "11.0 of 20.0 connections in use waited for the disk on average"


@pytest.mark.parametrize(("active", "locks"), [(10.0, 4.0), (0.8, 0.6)])
def test_what_few_connections_wait_for_bounds_nothing(run: Run, active: float, locks: float) -> None:
    assert list(verdicts(looked_at(run, active, locks=locks))) == []


def test_round_trips_bind_where_connections_are_on_the_wire_most_of_the_time(run: Run) -> None:
    # 1,000 requests per second × 5 round trips × 3 ms.
    row = far_away(run, 5, 3)

    (found,) = verdicts(row)

    assert isinstance(found, WaitsForRoundTrips)
    assert (found.waiting, found.round_trips) == pytest.approx((15, 5))
    assert (found.latency_ms, found.at_once) == (3, 20)
    assert found.seen == (
        "its 5.0 round trips a request, of 3 ms each, kept 15.0 of 20 connections on average: this bounds the row"
    )


def test_round_trips_of_which_there_are_few_do_not(run: Run) -> None:
    assert list(verdicts(far_away(run, 1, 3))) == []


def test_no_more_connections_are_of_use_than_there_are_users(run: Run) -> None:
    run.profile.users = 5
    (found,) = verdicts(far_away(run, 1, 3))
    assert isinstance(found, WaitsForRoundTrips)
    assert found.at_once == 5


def test_without_latency_the_time_of_a_round_trip_is_that_of_the_machine(run: Run) -> None:
    assert list(verdicts(far_away(run, 5, 0))) == []
