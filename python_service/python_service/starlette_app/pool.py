"""A pool as small as this API can do with.

asyncpg's own makes a proxy, a timer and a task for each use, a fifth of what a request costs; here a
use is a list's pop and append, as long as a connection is free.
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
        """Get ready; a database that is away is no error here."""

    async def acquire(self) -> Any:
        """An open connection. Raises TimeoutError after the time set for it, and what connecting raises."""

    async def release(self, connection: Any) -> None:
        """Take one back; a closed one makes room for a new one."""

    async def close(self) -> None:
        """Close what is idle."""


async def fill(source: Source, size: int) -> None:
    """All connections now, so that no request pays for one; where Postgres is away, each tries again."""
    attempts = await asyncio.gather(*(source.acquire() for _ in range(size)), return_exceptions=True)
    for attempt in attempts:
        if isinstance(attempt, BaseException):
            _log.warning("no connection yet", extra={"cause": repr(attempt)})
        else:
            await give_back(source, attempt)


async def give_back(source: Source, connection: Any) -> None:
    """Release a connection; that it breaks meanwhile is no trouble of who has done with it."""
    try:
        await source.release(connection)
    except Exception as error:  # noqa: BLE001  # asyncpg raises many kinds
        _log.warning("connection not released", extra={"cause": repr(error)})
        terminate(connection)


def terminate(connection: Any) -> None:
    """End a connection without a word."""
    # asyncpg's pool may have taken back one that it saw breaking, and lends no more of it.
    with suppress(asyncpg.InterfaceError):
        connection.terminate()


class Pool:
    """At most `size` connections at a time, made on demand by `connect`; `seconds` bounds an `acquire`."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], size: int, seconds: float) -> None:
        self._connect = connect
        self._size = size
        self._seconds = seconds
        self._free = asyncio.Semaphore(size)
        # The one used last is the first to be used again: it is the most likely to be alive.
        self._idle: list[Connection] = []

    async def open(self) -> None:
        await fill(self, self._size)

    async def acquire(self) -> Connection:
        # It is locked, too, while somebody has waited and not yet gone on: nobody is overtaken.
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
