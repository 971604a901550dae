"""Running a plan on Django's connection."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import NoReturn

import psycopg
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.types.numeric import Int8BinaryDumper

from python_service.django_app.settings import SERVICE
from python_service.errors import ApiError, ErrorKind
from python_service.limits import ANSWER_SECONDS, DATABASE_SECONDS
from python_service.plans import Steps

# The database's own statement_timeout is 5 s and answers first, unless the server hangs as a whole.
STATEMENT_SECONDS = 6.0
# Of the request's time, for all but the database.
MARGIN_SECONDS = 1.0

# psycopg accepts only bytes for SQL that is no literal in the code.
_encode = cache(str.encode)


def set_up() -> None:
    """Once a process, in its main thread: the signal that ends a wait, and how integers are sent."""
    signal.signal(signal.SIGALRM, _give_up)
    # Every integer of the contract is a bigint. By default psycopg sends the smallest type that
    # holds the value, and so prepares each statement once for every combination of sizes.
    psycopg.adapters.register_dumper(int, Int8BinaryDumper)


def run(plan: Steps, waited: float) -> bytes:
    """The plan's JSON, for a request that has waited so many seconds already.

    UNAVAILABLE where Postgres is away or does not answer in what is left of the request's time; and what
    the plan raises.
    """
    end = time.monotonic() + min(DATABASE_SECONDS, ANSWER_SECONDS - MARGIN_SECONDS - waited)
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        return _follow(plan, connection, end)
    except ApiError:
        raise
    except BaseException as error:
        # After an error Django would ask the connection whether it still works, and wait for it without a bound.
        connection.close()
        if isinstance(error, TimeoutError | OperationalError | InterfaceError):
            raise ApiError(ErrorKind.UNAVAILABLE) from error
        raise


def _follow(plan: Steps, connection: BaseDatabaseWrapper, end: float) -> bytes:
    # As Django's own cursor() does; but that one formats the SQL, and $1 would not get through it.
    with _deadline(SERVICE.pool_timeout_seconds, end):
        connection.close_if_health_check_failed()
        connection.ensure_connection()
    # What goes wrong in here Django sees too.
    with connection.wrap_database_errors, psycopg.RawCursor(connection.connection) as cursor:
        try:
            statement = next(plan)
            while True:
                with _deadline(STATEMENT_SECONDS, end):
                    cursor.execute(_encode(statement.sql), statement.arguments, binary=True)
                # A statement like SET has no rows to fetch, not even none.
                statement = plan.send(cursor.fetchall() if cursor.description else [])
        except StopIteration as stop:
            body: bytes = stop.value
            return body


@contextmanager
def _deadline(seconds: float, end: float) -> Iterator[None]:
    """At most so long, and not beyond the end."""
    remaining = min(seconds, end - time.monotonic())
    if remaining <= 0:
        raise TimeoutError("the request has waited too long")
    # libpq bounds only the connecting, and in whole seconds: a frozen server would hold the worker.
    signal.setitimer(signal.ITIMER_REAL, remaining)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _give_up(_signal: int, _frame: object) -> NoReturn:
    raise TimeoutError("no answer from Postgres in time")
