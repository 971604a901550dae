"""Running a plan, or the ORM, on Django's connection."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import NoReturn, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.types.numeric import Int8BinaryDumper

from python_service.django_app.observed import cursor_class, in_use, orm_traced
from python_service.django_app.settings import SERVICE
from python_service.errors import ApiError, ErrorKind
from python_service.limits import ANSWER_SECONDS, DATABASE_SECONDS, STATEMENT_SECONDS
from python_service.plans import Asking

# The part of the request's time that is not for the database.
MARGIN_SECONDS = 1.0

_Found = TypeVar("_Found")

# By its types psycopg accepts SQL that is not a literal only as bytes.
_encode = cache(str.encode)


def set_up() -> None:
    """Set the signal that ends a wait, and how integers are sent. Called once in each process, in its main thread."""
    signal.signal(signal.SIGALRM, _give_up)
    # Every integer of the contract is a bigint. By default psycopg sends the smallest type that
    # holds the value, and so prepares each statement once for every combination of sizes.
    psycopg.adapters.register_dumper(int, Int8BinaryDumper)


def run(plan: Asking[_Found], waited: float) -> _Found:
    """What the plan returns, which mostly is JSON, for a request that has already waited so many seconds.

    Raises UNAVAILABLE if Postgres is away or does not answer in the rest of the request's time, and what the plan
    raises.
    """
    return _attempt(partial(_follow, plan), waited)


def run_orm(work: Callable[[], _Found], waited: float) -> _Found:
    """The same for what asks Postgres by Django's ORM."""
    return _attempt(partial(_in_time, work), waited)


def _attempt(work: Callable[[BaseDatabaseWrapper, float], _Found], waited: float) -> _Found:
    """What the work returns, to which a connection is given, and when its time ends."""
    end = time.monotonic() + min(DATABASE_SECONDS, ANSWER_SECONDS - MARGIN_SECONDS - waited)
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        with in_use():
            # As Django's own cursor() does, but bounded.
            with _deadline(SERVICE.pool_timeout_seconds, end):
                connection.close_if_health_check_failed()
                connection.ensure_connection()
            return work(connection, end)
    except ApiError:
        raise
    except BaseException as error:
        # After an error Django would ask the connection whether it still works, and wait for that without a bound.
        connection.close()
        if isinstance(error, TimeoutError | OperationalError | InterfaceError):
            raise ApiError(ErrorKind.UNAVAILABLE) from error
        raise


def _follow(plan: Asking[_Found], connection: BaseDatabaseWrapper, end: float) -> _Found:
    # Django's own cursor formats the SQL itself, and does not know $1. Errors in this block become Django's, too.
    with connection.wrap_database_errors, cursor_class()(connection.connection) as cursor:
        try:
            statement = next(plan)
            while True:
                with _deadline(STATEMENT_SECONDS, end):
                    cursor.execute(_encode(statement.sql), statement.arguments, binary=True)
                # A statement like SET has no result, so fetchall() would raise.
                statement = plan.send(cursor.fetchall() if cursor.description else [])
        except StopIteration as stop:
            found: _Found = stop.value
            return found


def _in_time(work: Callable[[], _Found], connection: BaseDatabaseWrapper, end: float) -> _Found:
    with _deadline(DATABASE_SECONDS, end), orm_traced(connection):
        return work()


@contextmanager
def _deadline(seconds: float, end: float) -> Iterator[None]:
    """Bound the block to so many seconds, and to the end."""
    remaining = min(seconds, end - time.monotonic())
    if remaining <= 0:
        raise TimeoutError("the request has waited too long")
    # libpq only bounds connecting, and in whole seconds: a frozen server would block the worker.
    signal.setitimer(signal.ITIMER_REAL, remaining)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _give_up(_signal: int, _frame: object) -> NoReturn:
    raise TimeoutError("no answer from Postgres in time")
