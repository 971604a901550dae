"""Postgres away, slow, frozen, killed; the service told to stop."""

import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection
from itertools import product
from threading import Barrier
from typing import Any

import psutil
import psycopg
import pytest
from showdown_contract.files import golden_body

from tests.link import link_to
from tests.served import ADA, ALL, APPS, CONTENDERS, ORMS, RECIPE, SYNC, Answer, Service, serve, with_parameters

GOOD = golden_body("recipe-usual")
# The knob with which each app notices a dead connection before a request uses it.
CHECKS = {"starlette": "POOL_RESET", "django": "POOL_PING"}


def is_unavailable(answer: Answer) -> bool:
    """Whether an answer is exactly the contract's 503."""
    return (answer.status, answer.headers.get("retry-after"), answer.headers["content-type"], answer.body) == (
        *(503, "1", "application/json"),
        golden_body("unavailable"),
    )


@contextmanager
def notes_locked(database: psycopg.Connection) -> Iterator[None]:
    """Block every statement that reads notes."""
    with database.transaction():
        database.execute("LOCK TABLE notes IN ACCESS EXCLUSIVE MODE")
        yield


def await_blocked(database: psycopg.Connection, name: str) -> None:
    """Wait until a statement of this application waits for a lock."""
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND wait_event_type = 'Lock'"
    while database.execute(blocked, (name,)).fetchone() == (0,):
        # A transaction keeps its first view of other backends, unless it drops that view.
        database.execute("SELECT pg_stat_clear_snapshot()")


def await_line(service: Service, **fields: object) -> dict[str, Any]:
    """Wait for the first line of the log with these fields, and return it."""
    while service.process.poll() is None:
        for line in service.lines():
            if fields.items() <= line.items():
                return line
    raise AssertionError(fields)


def all_side_by_side(check: Callable[[str], None]) -> None:
    """Make a check of each app, all at the same time, for most of the time they wait."""
    with ThreadPoolExecutor(len(ALL)) as threads:
        checks = {app: threads.submit(check, app) for app in ALL}
    errors = {app: error for app, done in checks.items() if (error := done.exception()) is not None}
    if errors:
        raise BaseExceptionGroup(", ".join(errors), list(errors.values()))


def test_postgres_away_at_the_start_and_later(database_url: str) -> None:
    def cut_and_restore(app: str) -> None:
        with link_to(database_url) as link:
            link.cut()
            with serve(app, link.url) as service:
                assert is_unavailable(service.ask())
                for _ in range(2):
                    link.restore()
                    answers = [service.ask() for _ in range(2)]
                    assert answers[1].body == GOOD
                    assert answers[0].body == GOOD or is_unavailable(answers[0])
                    link.cut()
                    assert is_unavailable(service.ask())
                assert service.ask(path="/healthz").status == 200

    all_side_by_side(cut_and_restore)


@pytest.mark.parametrize(("app", "check"), [*((app, False) for app in ALL), *((app, True) for app in APPS)], ids=str)
def test_a_killed_backend_costs_at_most_one_request(
    app: str, database_url: str, database: psycopg.Connection, *, check: bool
) -> None:
    name = f"test-killed-{app}-{check}"
    url = with_parameters(database_url, application_name=name)
    with serve(app, url, WORKERS=2, POOL_SIZE=2, **({CHECKS[app]: "true"} if check else {})) as service:
        for _ in range(10):
            assert service.ask().body == GOOD
        kill = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE application_name = %s"
        row = database.execute(kill, (name,)).fetchone()
        assert row is not None
        killed = row[0]
        assert killed >= 1
        answers = [service.ask() for _ in range(20)]
        failed = [answer for answer in answers if answer.body != GOOD]
        assert all(map(is_unavailable, failed))
        assert len(failed) <= (0 if check else killed)
        assert answers[-1].body == GOOD


@pytest.mark.parametrize(
    ("app", "kept"),
    [*product(APPS, ["pooled", "checked", "per-request"]), *((app, "pooled") for app in CONTENDERS)],
)
def test_backends_killed_all_the_time(app: str, kept: str, database_url: str, database: psycopg.Connection) -> None:
    knobs = {
        "pooled": {},
        "checked": {CHECKS.get(app, ""): "true"},
        "per-request": {"CONNECTIONS": "per-request", "PLAN": "sequential", "STATEMENTS": "each"},
    }[kept]
    name = f"test-storm-{app}-{kept}"
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
    url = with_parameters(database_url, application_name=name)
    with serve(app, url, WORKERS=2, POOL_SIZE=2 if app in SYNC else 4, **knobs) as service:

        def ask_often(_: int) -> list[Answer]:
            # The pools of the contenders are those of libraries.
            return [service.ask() for _ in range(40 if app in APPS else 15)]

        with ThreadPoolExecutor(6) as threads:
            asked = [threads.submit(ask_often, client) for client in range(6)]
            while not all(one.done() for one in asked):
                database.execute(kill, (name,))
        answers = [answer for one in asked for answer in one.result()]
        assert all(answer.body == GOOD or is_unavailable(answer) for answer in answers)
        assert any(map(is_unavailable, answers))


def test_every_request_is_answered_while_postgres_is_frozen(database_url: str) -> None:
    # Starting takes processors, on which no other service should wait then.
    all_started = Barrier(len(ALL), timeout=60)

    def ask_while_frozen(app: str) -> None:
        def timed(path: str) -> tuple[Answer, float]:
            began = time.monotonic()
            return service.ask(path=path), time.monotonic() - began

        # An ORM has statements of its own.
        knobs = {} if app in ORMS else {"PLAN": "sequential", "STATEMENTS": "each"}
        with link_to(database_url) as link, serve(app, link.url, **knobs) as service:
            assert service.ask().body == GOOD
            all_started.wait()
            link.freeze()
            with ThreadPoolExecutor(6) as threads:
                # There is one worker, so Django's other clients wait in the kernel behind the first.
                requests = [threads.submit(timed, RECIPE) for _ in range(5)]
                time.sleep(1)
                answer, seconds = timed("/healthz")
                assert answer.status == 200
                # A sync worker can answer this only afterwards.
                assert seconds < (10 if app in SYNC else 1)
                for request in requests:
                    answer, seconds = request.result()
                    assert is_unavailable(answer)
                    assert seconds < 10
            link.thaw()
            service.ask()
            assert service.ask().body == GOOD

    all_side_by_side(ask_while_frozen)


def answers(service: Service) -> bool:
    """Whether the service answers the next request; it may turn the client away instead."""
    try:
        return service.ask().status == 200
    except ConnectionError:
        return False


@pytest.mark.parametrize("app", APPS)
def test_no_file_descriptors_left(
    app: str, database_url: str, eventually: Callable[[Callable[[], object]], None]
) -> None:
    with serve(app, database_url, WORKERS=2, POOL_SIZE=20 if app == "starlette" else 2) as service:
        assert service.ask().status == 200
        processes = [psutil.Process(service.process.pid), *psutil.Process(service.process.pid).children()]
        for process in processes:
            process.rlimit(psutil.RLIMIT_NOFILE, (64, 64))
        with ExitStack() as idle:
            for _ in range(150):
                idle.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=20))
            cpu = sum(sum(process.cpu_times()[:2]) for process in processes)
            began = time.monotonic()
            for _ in range(20):
                # The connection may be closed, but at once.
                with suppress(ConnectionError):
                    assert service.ask().status in {200, 503}
            assert time.monotonic() - began < 20
            time.sleep(1)
            # It neither spins nor logs the same line again and again.
            assert sum(sum(process.cpu_times()[:2]) for process in processes) - cpu < (time.monotonic() - began) / 2
        assert len(service.lines()) < 50
        # A process may still be turning clients away for whom it had no descriptor.
        eventually(lambda: answers(service))


def test_a_frozen_postgres(database_url: str) -> None:
    def freeze_and_thaw(app: str) -> None:
        with link_to(database_url) as link, serve(app, link.url) as service:
            assert service.ask().body == GOOD
            link.freeze()
            in_a_statement, in_connecting = service.ask(), service.ask()
            assert is_unavailable(in_a_statement)
            assert is_unavailable(in_connecting)
            link.thaw()
            assert service.ask().body == GOOD

    all_side_by_side(freeze_and_thaw)


@pytest.mark.parametrize("app", ALL)
def test_a_statement_that_takes_too_long(app: str, database_url: str, database: psycopg.Connection) -> None:
    url = with_parameters(database_url, options="-c statement_timeout=200")
    with serve(app, url) as service:
        with notes_locked(database):
            assert is_unavailable(service.ask())
        assert service.ask().body == GOOD


def test_no_connection_in_time(database_url: str, database: psycopg.Connection) -> None:
    url = with_parameters(database_url, application_name="test-exhausted")
    with (
        serve("starlette", url, POOL_TIMEOUT_SECONDS=0.1) as service,
        ThreadPoolExecutor() as threads,
        notes_locked(database),
    ):
        first = threads.submit(service.ask)
        await_blocked(database, "test-exhausted")
        assert is_unavailable(service.ask())
        database.execute("ROLLBACK")
        assert first.result().body == GOOD
        assert service.ask().body == GOOD


@pytest.mark.parametrize("app", ALL)
def test_whoever_finds_the_queue_full_is_refused(app: str, database_url: str, database: psycopg.Connection) -> None:
    name = f"test-queue-{app}"
    url = with_parameters(database_url, application_name=name)
    with (
        serve(app, url, QUEUE_SIZE=1, POOL_TIMEOUT_SECONDS=15) as service,
        closing(HTTPConnection("127.0.0.1", service.port, timeout=20)) as second,
        closing(HTTPConnection("127.0.0.1", service.port, timeout=20)) as third,
        ThreadPoolExecutor() as threads,
    ):
        with notes_locked(database):
            first = threads.submit(service.ask)
            await_blocked(database, name)
            for connection in (second, third):
                connection.request("GET", RECIPE, headers=ADA)
            # A synchronous worker is busy. Once it is free it will refuse one, because another waits behind it.
            if app not in SYNC:
                select.select([second.sock, third.sock], [], [])
        answers = [second.getresponse(), third.getresponse()]
        refused, served = sorted(answers, key=lambda answer: -answer.status)
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        assert refused.read() == golden_body("unavailable.busy")
        assert first.result().body == served.read() == GOOD
        assert service.ask().body == GOOD


@pytest.mark.parametrize("app", SYNC)
def test_a_request_waits_for_a_worker_no_longer_than_for_a_connection(
    app: str, database_url: str, database: psycopg.Connection
) -> None:
    name = f"test-late-{app}"
    url = with_parameters(database_url, application_name=name)
    with (
        serve(app, url) as service,
        closing(HTTPConnection("127.0.0.1", service.port, timeout=20)) as late,
        ThreadPoolExecutor() as threads,
    ):
        with notes_locked(database):
            first = threads.submit(service.ask)
            await_blocked(database, name)
            late.request("GET", RECIPE, headers=ADA)
            time.sleep(2.2)
        assert first.result().body == GOOD
        assert late.getresponse().status == 503
        assert service.ask().body == GOOD


@pytest.mark.parametrize(
    ("app", "number"),
    [*product(APPS, [signal.SIGTERM, signal.SIGINT]), *((app, signal.SIGTERM) for app in CONTENDERS)],
)
def test_a_signal_lets_requests_finish(
    app: str, number: signal.Signals, database_url: str, database: psycopg.Connection
) -> None:
    name = f"test-drain-{app}-{number.name}"
    with (
        serve(app, with_parameters(database_url, application_name=name)) as service,
        ThreadPoolExecutor() as threads,
    ):
        with notes_locked(database):
            request = threads.submit(service.ask)
            await_blocked(database, name)
            stopped = threads.submit(service.stop, number)
            await_line(service, message="stopping")
        assert request.result().body == GOOD
        assert stopped.result() == 0
        messages = [line["message"] for line in service.lines()]
        assert [message for message in messages if message in {"started", "stopping", "stopped"}] == [
            *("started", "stopping", "stopped")
        ]


@pytest.mark.parametrize("app", ALL)
def test_an_unexpected_error_is_logged_and_not_sent(app: str, database_url: str) -> None:
    url = with_parameters(database_url, options="-c search_path=nowhere")
    with serve(app, url) as service:
        answer = service.ask()
        assert (answer.status, answer.headers["content-type"]) == (500, "application/json")
        assert answer.body == golden_body("internal")
        line = await_line(service, level="error")
        assert f'relation "{"users" if app in ORMS else "sessions"}" does not exist' in line["exception"]
        assert service.ask(path="/healthz").status == 200


@pytest.mark.parametrize("app", APPS)
def test_the_log_names_causes_and_no_password(app: str, database_url: str) -> None:
    with link_to(database_url) as link:
        link.cut()
        with serve(app, link.url) as service:
            service.ask()
            assert "refused" in await_line(service, message="unavailable")["cause"]
            assert ":***@" in await_line(service, message="started")["database_url"]
