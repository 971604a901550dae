"""Where a request's connection comes from: asyncpg's pool, or a connect of its own."""

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import asyncpg

from python_service.settings import Connections, Settings, Statements

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

# The database's own statement_timeout is 5 s and answers first, unless the server hangs as a whole.
STATEMENT_SECONDS = 6.0
CLOSE_SECONDS = 1.0
# asyncpg's pool replaces a connection after so many queries; a service keeps what works.
QUERIES_A_CONNECTION = 2**62

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

_log = logging.getLogger(__name__)


class Source(Protocol):
    """Gives connections, at most `connections_per_worker` at a time. Each `acquire` needs its `release`."""

    async def open(self) -> None:
        """Get ready; a database that is away is no error here."""

    async def acquire(self) -> Connection:
        """Wait for a connection, without a bound."""

    async def release(self, connection: Any) -> None:
        """Take one back; one that was terminated makes room for a new one."""

    async def close(self) -> None:
        """Close what is idle."""


def source(settings: Settings) -> Source:
    return PerRequest(settings) if settings.connections is Connections.PER_REQUEST else Pooled(settings)


class Pooled:
    """asyncpg's own pool."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool: asyncpg.Pool[asyncpg.Record]

    async def open(self) -> None:
        """All connections now, so that no request pays for one; where Postgres is away, each tries again."""
        size = self._settings.connections_per_worker
        # Here and not before, for a pool belongs to the worker's event loop.
        self._pool = await asyncpg.create_pool(
            # Not `size`: asyncpg would not start while Postgres is away.
            min_size=0,
            max_size=size,
            max_queries=QUERIES_A_CONNECTION,
            max_inactive_connection_lifetime=0,
            # By default a round trip at every release undoes SET, LISTEN, cursors and locks. This API makes none.
            reset=None if self._settings.pool_check else _nothing,
            **_arguments(self._settings),
        )
        attempts = await asyncio.gather(*(self._first() for _ in range(size)), return_exceptions=True)
        for attempt in attempts:
            if isinstance(attempt, BaseException):
                _log.warning("no connection yet", extra={"cause": repr(attempt)})
            else:
                await self.release(attempt)

    async def acquire(self) -> Connection:
        return await self._pool.acquire()

    async def release(self, connection: Any) -> None:
        await self._pool.release(connection, timeout=CLOSE_SECONDS)

    async def close(self) -> None:
        await self._pool.close()

    async def _first(self) -> Connection:
        async with asyncio.timeout(self._settings.pool_timeout_seconds):
            return await self._pool.acquire()


class PerRequest:
    """A connection for each request, closed after it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._free = asyncio.Semaphore(settings.connections_per_worker)

    async def open(self) -> None:
        """Nothing to keep ready."""

    async def acquire(self) -> Connection:
        await self._free.acquire()
        try:
            connection: Connection = await asyncpg.connect(**_arguments(self._settings))
        except BaseException:
            self._free.release()
            raise
        return connection

    async def release(self, connection: Any) -> None:
        try:
            await connection.close(timeout=CLOSE_SECONDS)
        finally:
            self._free.release()

    async def close(self) -> None:
        """Nothing was kept."""


def _arguments(settings: Settings) -> dict[str, Any]:
    return {
        "dsn": settings.database_url.get_secret_value(),
        "command_timeout": STATEMENT_SECONDS,
        "statement_cache_size": 100 if settings.statements is Statements.CACHED else 0,
        "max_cached_statement_lifetime": 0,
    }


async def _nothing(_connection: object) -> None:
    pass
