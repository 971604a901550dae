"""The connections of one worker process.

asyncpg's own pool makes a proxy, a timer and a task for each use, which is half as much again as
what a statement costs; here a use is a list's pop and append, as long as a connection is free.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

CLOSE_SECONDS = 1.0


class Pool:
    """At most `size` connections at a time, made on demand by `connect`.

    `seconds` bounds an `acquire`, the connecting included. Each `acquire` needs its `release`.
    """

    def __init__(self, connect: Callable[[], Awaitable[Connection]], size: int, seconds: float) -> None:
        self._connect = connect
        self._seconds = seconds
        self._free = asyncio.Semaphore(size)
        # The one used last is the first to be used again: it is the most likely to be alive.
        self._idle: list[Connection] = []

    async def acquire(self) -> Connection:
        """An open connection. Raises TimeoutError, or what `connect` raises."""
        if self._idle and not self._free.locked():
            await self._free.acquire()
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
            self._free.release()
        async with asyncio.timeout(self._seconds):
            return await self._wait()

    def release(self, connection: Connection) -> None:
        """Give it back; a closed one makes room for a new one."""
        if not connection.is_closed():
            self._idle.append(connection)
        self._free.release()

    async def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            await self._idle.pop().close(timeout=CLOSE_SECONDS)

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
