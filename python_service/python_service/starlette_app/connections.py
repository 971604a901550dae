"""Where a request's connection comes from: a pool, or a new one for each request."""

import asyncio
import logging
from functools import partial
from typing import Any

import asyncpg

from python_service.limits import STATEMENT_SECONDS
from python_service.settings import Connections, Settings, Statements
from python_service.starlette_app.pool import CLOSE_SECONDS, Pool, Source, fill

# asyncpg's pool replaces a connection after so many queries. Here a connection that works is kept.
QUERIES_A_CONNECTION = 2**62

_log = logging.getLogger(__name__)


def source(settings: Settings) -> Source:
    """At most `connections_per_worker` connections at a time."""
    if settings.connections is Connections.PER_REQUEST:
        return PerRequest(settings)
    if settings.pool_reset:
        return ResettingPool(settings)
    connect = partial(asyncpg.connect, **connect_arguments(settings))
    return Pool(connect, settings.connections_per_worker, settings.pool_timeout_seconds)


class ResettingPool:
    """asyncpg's own pool, which at every release undoes SET, LISTEN, cursors and locks, in one round trip."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool: asyncpg.Pool[asyncpg.Record]

    async def open(self) -> None:
        size = self._settings.connections_per_worker
        # Made here, because a pool belongs to the worker's event loop.
        self._pool = await asyncpg.create_pool(
            # Not `size`: asyncpg would not start while Postgres is away.
            min_size=0,
            max_size=size,
            max_queries=QUERIES_A_CONNECTION,
            max_inactive_connection_lifetime=0,
            **connect_arguments(self._settings),
        )
        await fill(self, size)

    async def acquire(self) -> Any:
        async with asyncio.timeout(self._settings.pool_timeout_seconds):
            return await self._pool.acquire()

    async def release(self, connection: Any) -> None:
        await self._pool.release(connection, timeout=CLOSE_SECONDS)

    async def close(self) -> None:
        try:
            # A frozen server does not answer; after the time-out the pool aborts its connections.
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._pool.close()
        except Exception as error:  # noqa: BLE001  # asyncpg raises many kinds
            _log.warning("connections not closed", extra={"cause": repr(error)})


class PerRequest:
    """A connection for each request, closed after it."""

    def __init__(self, settings: Settings) -> None:
        self._connect = partial(asyncpg.connect, **connect_arguments(settings))
        self._seconds = settings.pool_timeout_seconds
        self._free = asyncio.Semaphore(settings.connections_per_worker)

    async def open(self) -> None:
        """Do nothing: no connection is kept."""

    async def acquire(self) -> Any:
        async with asyncio.timeout(self._seconds):
            await self._free.acquire()
            try:
                return await self._connect()
            except BaseException:
                self._free.release()
                raise

    async def release(self, connection: Any) -> None:
        try:
            await connection.close(timeout=CLOSE_SECONDS)
        finally:
            self._free.release()

    async def close(self) -> None:
        """Do nothing: no connection was kept."""


def connect_arguments(settings: Settings) -> dict[str, Any]:
    """What asyncpg connects with."""
    return {
        "dsn": settings.database_url.get_secret_value(),
        # asyncpg would read the CA's file again for every connection.
        "ssl": settings.database_tls(),
        "command_timeout": STATEMENT_SECONDS,
        "statement_cache_size": 100 if settings.statements is Statements.CACHED else 0,
        "max_cached_statement_lifetime": 0,
    }
