"""Postgres itself counts its work for a service."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Thread
from urllib.parse import urlsplit

import psycopg
import pytest
from showdown.measure.results import Work
from showdown.measure.work import Activity, Counts, WorkCounter, work
from showdown_stack.tiers import Tiers


@pytest.fixture
def api_dsn(stack: Tiers, empty_database: str) -> str:
    """A service's connection to a database that nothing else uses."""
    return urlsplit(stack.postgres.api_dsn)._replace(path=urlsplit(empty_database).path).geturl()


def user(dsn: str) -> str:
    return urlsplit(dsn).username or ""


@pytest.fixture
def counter(empty_database: str, api_dsn: str) -> Iterator[WorkCounter]:
    with psycopg.connect(empty_database) as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")
    with WorkCounter(empty_database, user(api_dsn)) as counter:
        yield counter


def test_statements_and_rows_are_counted(counter: WorkCounter, api_dsn: str) -> None:
    before = counter.counts()
    with psycopg.connect(api_dsn, autocommit=True) as service:
        for _ in range(4):
            service.execute("SELECT generate_series(1, 5)")
    assert work(before, counter.counts(), requests=2, connections=20) == Work(
        statements_per_request=2.0, rows_per_request=10.0, peak_connections=20
    )


def test_a_prepared_statement_counts_each_time_that_it_runs(counter: WorkCounter, api_dsn: str) -> None:
    before = counter.counts()
    with psycopg.connect(api_dsn, autocommit=True) as service:
        for number in range(3):
            service.execute("SELECT %s::int", [number], prepare=True)
    after = counter.counts()
    assert before is not None
    assert after is not None
    assert after.statements - before.statements == 3


def test_what_others_do_is_not_the_services(counter: WorkCounter, empty_database: str) -> None:
    before = counter.counts()
    with psycopg.connect(empty_database, autocommit=True) as other:
        other.execute("SELECT generate_series(1, 5)")
    assert counter.counts() == before


def test_where_service_and_stack_are_one_user_our_own_questions_do_not_count(
    counter: WorkCounter, empty_database: str
) -> None:
    assert counter.counts() is not None
    with WorkCounter(empty_database, user(empty_database)) as same:
        before = same.counts()
        assert before is not None
        same.begin()
        same.connections()
        with psycopg.connect(empty_database, autocommit=True) as service:
            service.execute("SELECT 1")
        after = same.counts()
    assert after is not None
    assert after.statements - before.statements == 1


def test_connections_are_those_of_the_service(counter: WorkCounter, api_dsn: str, empty_database: str) -> None:
    assert counter.connections() == 0
    with ExitStack() as opened:
        for dsn in (api_dsn, api_dsn, empty_database):
            opened.enter_context(psycopg.connect(dsn))
        assert counter.connections() == 2


def test_connections_that_are_idle_do_not_count(counter: WorkCounter, api_dsn: str) -> None:
    with psycopg.connect(api_dsn, autocommit=True) as left, psycopg.connect(api_dsn, autocommit=True) as reused:
        assert counter.connections() == 2
        counter.begin()
        assert counter.connections() == 0
        reused.execute("SELECT 1")
        assert counter.connections() == 1
        left.execute("SELECT 1")
        assert counter.connections() == 2


def test_connections_in_use_are_those_of_the_service_that_are_not_idle(
    counter: WorkCounter, api_dsn: str, empty_database: str
) -> None:
    assert counter.activity() == Activity(0)
    with ExitStack() as opened:
        idle, busy = (opened.enter_context(psycopg.connect(api_dsn, autocommit=True)) for _ in range(2))
        other = opened.enter_context(psycopg.connect(empty_database))
        other.execute("SELECT 1")
        idle.execute("SELECT 1")
        assert counter.activity() == Activity(0)
        with busy.transaction():
            busy.execute("SELECT 1")
            assert counter.activity() == Activity(1)
        assert counter.activity() == Activity(0)


def test_a_connection_that_waits_for_anothers_lock_is_told(
    counter: WorkCounter, api_dsn: str, eventually: Callable[[Callable[[], object]], None]
) -> None:
    with ExitStack() as opened:
        before, after = (opened.enter_context(psycopg.connect(api_dsn, autocommit=True)) for _ in range(2))
        before.execute("BEGIN")
        before.execute("SELECT pg_advisory_xact_lock(1)")
        waiting = Thread(target=after.execute, args=["SELECT pg_advisory_lock(1)"])
        waiting.start()
        eventually(lambda: counter.activity() == Activity(2, waiting_for_locks=1))
        before.execute("COMMIT")
        waiting.join()


def test_connections_whose_state_is_hidden_are_not_known(empty_database: str, api_dsn: str) -> None:
    with psycopg.connect(api_dsn) as service, psycopg.connect(empty_database) as owner:
        service.execute("SELECT 1")
        # A user who may not look.
        with WorkCounter(api_dsn, user(empty_database)) as blind:
            owner.execute("SELECT 1")
            assert blind.activity() is None


def test_a_postgres_that_does_not_count_says_nothing(empty_database: str, api_dsn: str) -> None:
    with WorkCounter(empty_database, user(api_dsn)) as counter:
        assert counter.counts() is None
        assert counter.connections() == 0


@pytest.mark.parametrize(
    ("before", "after", "requests"), [(None, Counts(1, 1), 1), (Counts(1, 1), None, 1), (Counts(1, 1), Counts(2, 2), 0)]
)
def test_without_counts_or_requests_there_is_no_work(
    before: Counts | None, after: Counts | None, requests: int
) -> None:
    assert work(before, after, requests, 20) is None


@pytest.mark.parametrize(
    ("looks", "in_use", "locks", "disk"),
    [
        ([Activity(1), Activity(2, 2, 0), Activity(3, 1, 1), None], 2, 1, 1 / 3),
        ([None], None, None, None),
        ([], None, None, None),
    ],
)
def test_what_connections_do_is_that_of_the_mean_moment(
    looks: list[Activity | None], in_use: float | None, locks: float | None, disk: float | None
) -> None:
    counted = work(Counts(0, 0), Counts(1, 1), 1, 20, looks)
    assert counted is not None
    assert (counted.active_connections, counted.waiting_for_locks, counted.waiting_for_disk) == (in_use, locks, disk)
