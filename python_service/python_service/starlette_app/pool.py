"""A pool that does only what this API needs.

asyncpg's own pool makes a proxy, a timer and a task for each use, which is a fifth of what a request costs. Here,
as long as a connection is free, a use is one pop from a list and one append.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol, TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

CLOSE_SECONDS = 1.0

_log = logging.getLogger(__name__)


class Source(Protocol):
    """Gives connections, a bounded number at a time. Each `acquire` needs its `release`."""

    async def open(self) -> None:
        """Get ready. It is not an error if the database is away."""

    async def acquire(self) -> Any:
        """An open connection. Raises TimeoutError if none is free in time, and what connecting raises."""

    async def release(self, connection: Any) -> None:
        """Take a connection back. A closed one makes room for a new one."""

    async def close(self) -> None:
        """Close idle connections."""


async def fill(source: Source, size: int) -> None:
    """Open all connections now, so that no request has to. If Postgres is away, requests will try again."""
    attempts = await asyncio.gather(*(source.acquire() for _ in range(size)), return_exceptions=True)
    for attempt in attempts:
        if isinstance(attempt, BaseException):
            _log.warning("no connection yet", extra={"cause": repr(attempt)})
        else:
            await give_back(source, attempt)


async def give_back(source: Source, connection: Any) -> None:
    """Release a connection. If it breaks meanwhile, that is logged: the request that used it is done."""
    try:
        await source.release(connection)
    except Exception as error:  # noqa: BLE001  # asyncpg raises many kinds
        _log.warning("connection not released", extra={"cause": repr(error)})
        terminate(connection)


def terminate(connection: Any) -> None:
    """Abort a connection, without telling Postgres."""
    # asyncpg's pool may already have taken back a connection that broke, and then refuses the call.
    with suppress(asyncpg.InterfaceError):
        connection.terminate()


class Pool:
    """At most `size` connections at a time, which `connect` makes on demand. `seconds` bounds an `acquire`."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], size: int, seconds: float) -> None:
        self._connect = connect
        self._size = size
        self._seconds = seconds
        self._free = asyncio.Semaphore(size)
        # The connection used last is used again first: it is the most likely to be alive.
        self._idle: list[Connection] = []

    async def open(self) -> None:
        await fill(self, self._size)

    async def acquire(self) -> Connection:
        # The semaphore also counts as locked while a woken request has not run yet: nobody overtakes it.
        if self._idle and not self._free.locked():
            await self._free.acquire()
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
            self._free.release()
        async with asyncio.timeout(self._seconds):
            return await self._wait()

    async def release(self, connection: Connection) -> None:
        if not connection.is_closed():
            self._idle.append(connection)
        self._free.release()

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        await asyncio.gather(*(one.close(timeout=CLOSE_SECONDS) for one in idle), return_exceptions=True)

    async def _wait(self) -> Connection:
        await self._free.acquire()
        try:
            while self._idle:
                connection = self._idle.pop()
                if not connection.is_closed():
                    return connection
            return await self._connect()
        except BaseException:
            self._free.release()
            raise
