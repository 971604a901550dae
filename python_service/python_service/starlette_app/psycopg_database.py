"""Running a plan on one of the worker's connections of psycopg, with its pool.

As in https://www.psycopg.org/psycopg3/docs/advanced/pool.html#async-connection-pool and, for connections that begin no
transactions, https://www.psycopg.org/psycopg3/docs/basic/transactions.html#autocommit-transactions.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from math import inf
from typing import Any, TypeVar

import psycopg
from psycopg.types.numeric import Int8BinaryDumper
from psycopg_pool import AsyncConnectionPool, TooManyRequests

from python_service.errors import ApiError, ErrorKind
from python_service.limits import DATABASE_SECONDS, STATEMENT_SECONDS
from python_service.plans import Asking
from python_service.settings import Settings, Statements

_Found = TypeVar("_Found")

# The least that psycopg allows. It bounds connecting, which no request waits for so long.
_CONNECT_SECONDS = 2
# By its types psycopg accepts SQL that is not a literal only as bytes.
_encode = cache(str.encode)


class PsycopgDatabase:
    """Postgres by psycopg."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool: AsyncConnectionPool

    async def open(self) -> None:
        # Otherwise the pool logs each use of a connection, at the level of the service's own lines.
        logging.getLogger("psycopg.pool").setLevel(logging.WARNING)
        # Made here, because a pool belongs to the worker's event loop.
        self._pool = _pool_class(self._settings)(
            self._settings.database_url.get_secret_value(),
            min_size=self._settings.connections_per_worker,
            # After a failure to connect the pool would wait for longer each time, and then for requests in vain. Here
            # the next request lets it try again.
            reconnect_timeout=0,
            # A connection that works is kept.
            max_lifetime=inf,
            timeout=self._settings.pool_timeout_seconds,
            max_waiting=self._settings.waiting_per_worker,
            kwargs={
                "autocommit": True,
                "connect_timeout": _CONNECT_SECONDS,
                "cursor_factory": _cursor_class(self._settings),
                # Prepare at the first use, or never.
                "prepare_threshold": 0 if self._settings.statements is Statements.CACHED else None,
            },
            configure=_configure,
            open=False,
        )
        await self._pool.open()

    async def close(self) -> None:
        await self._pool.close()

    async def run(self, plan: Asking[_Found]) -> _Found:
        end = asyncio.get_running_loop().time() + DATABASE_SECONDS
        try:
            async with self._pool.connection() as connection:
                return await _follow(plan, connection, end)
        except TooManyRequests:
            raise ApiError(ErrorKind.BUSY) from None
        except (OSError, psycopg.OperationalError) as error:
            raise ApiError(ErrorKind.UNAVAILABLE) from error


def _pool_class(settings: Settings) -> type[AsyncConnectionPool]:
    if not settings.is_measured:
        return AsyncConnectionPool
    from python_service.observability.pool import MeasuredPool  # noqa: PLC0415

    return MeasuredPool


def _cursor_class(settings: Settings) -> type[psycopg.AsyncRawCursor[Any]]:
    if not settings.traces:
        return psycopg.AsyncRawCursor
    from python_service.observability.cursor import TracedAsyncCursor  # noqa: PLC0415

    return TracedAsyncCursor


async def _configure(connection: psycopg.AsyncConnection) -> None:
    # Every integer of the contract is a bigint. By default psycopg sends the smallest type that
    # holds the value, and so prepares each statement once for every combination of sizes.
    connection.adapters.register_dumper(int, Int8BinaryDumper)


async def _follow(plan: Asking[_Found], connection: psycopg.AsyncConnection, end: float) -> _Found:
    try:
        statement = next(plan)
        while True:
            with _deadline(connection, end):
                cursor = await connection.execute(_encode(statement.sql), statement.arguments, binary=True)
            # A statement like SET has no result, so fetchall() would raise.
            statement = plan.send(await cursor.fetchall() if cursor.description else [])
    except StopIteration as stop:
        found: _Found = stop.value
        return found


@contextmanager
def _deadline(connection: psycopg.AsyncConnection, end: float) -> Iterator[None]:
    """Bound the wait for a statement. Raises TimeoutError, and then the connection is broken."""
    loop = asyncio.get_running_loop()
    timer = loop.call_at(min(loop.time() + STATEMENT_SECONDS, end), _cut, connection)
    try:
        yield
    except psycopg.OperationalError as error:
        if loop.time() >= timer.when():
            raise TimeoutError("no answer from Postgres in time") from error
        raise
    finally:
        timer.cancel()


def _cut(connection: psycopg.AsyncConnection) -> None:
    """End the wait of a connection. If it were cancelled instead, psycopg would wait for Postgres for 10 s more."""
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as copy:
        copy.shutdown(socket.SHUT_RDWR)
