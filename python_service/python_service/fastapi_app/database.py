"""Sessions with the database: https://docs.sqlalchemy.org/en/21/orm/extensions/asyncio.html#synopsis-orm."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from python_service.errors import ApiError, ErrorKind
from python_service.limits import DATABASE_SECONDS
from python_service.settings import Settings
from python_service.starlette_app.asyncpg_database import UNAVAILABLE
from python_service.starlette_app.connections import connect_arguments

# SQLAlchemy waits so long for the end of a connection that it gives up.
_CLOSE_SECONDS = 2.0


class Database:
    """One pool of connections, and sessions on them."""

    def __init__(self, settings: Settings) -> None:
        self._engine = create_async_engine(
            "postgresql+asyncpg://",
            # A DSN has parameters that SQLAlchemy would pass on as arguments which asyncpg does not have.
            async_creator=partial(asyncpg.connect, **connect_arguments(settings)),
            pool_size=settings.connections_per_worker,
            max_overflow=0,
            pool_timeout=settings.pool_timeout_seconds,
        )
        if settings.is_measured:
            _measure(self._engine)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        # SQLAlchemy's pool bounds for how long a request waits, and not how many do.
        self._free = settings.connections_per_worker + settings.waiting_per_worker

    async def close(self) -> None:
        """Disconnect, once no request runs any more."""
        await self._engine.dispose()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A session, which connects at its first statement. Raises UNAVAILABLE where Postgres is, or BUSY."""
        if self._free <= 0:
            raise ApiError(ErrorKind.BUSY)
        self._free -= 1
        try:
            async with self._session() as session:
                yield session
        finally:
            self._free += 1

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[AsyncSession]:
        async with self._sessions() as session:
            try:
                async with asyncio.timeout(DATABASE_SECONDS - _CLOSE_SECONDS):
                    yield session
            except (*UNAVAILABLE, PoolTimeoutError, DBAPIError) as error:
                cause = error.driver_exception if isinstance(error, DBAPIError) else error
                if not isinstance(cause, (*UNAVAILABLE, PoolTimeoutError)):
                    raise
                # Its state is unknown. Otherwise it would be asked to roll back.
                await session.invalidate()
                raise ApiError(ErrorKind.UNAVAILABLE) from cause


def _measure(engine: AsyncEngine) -> None:
    """Count the connections that are in use."""
    from python_service.observability.metrics import POOL_IN_USE  # noqa: PLC0415  # only with METRICS

    event.listen(engine.sync_engine, "checkout", lambda *_: POOL_IN_USE.inc())
    event.listen(engine.sync_engine, "checkin", lambda *_: POOL_IN_USE.dec())
