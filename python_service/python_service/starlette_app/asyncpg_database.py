"""Running a plan on one of the worker's connections of asyncpg."""

import asyncio
from typing import Any, TypeVar

import asyncpg

from python_service.errors import ApiError, ErrorKind
from python_service.limits import DATABASE_SECONDS, STATEMENT_SECONDS
from python_service.plans import Asking
from python_service.settings import Settings
from python_service.starlette_app.connections import source
from python_service.starlette_app.observed import measured
from python_service.starlette_app.pool import give_back, terminate

_Found = TypeVar("_Found")

# Postgres is away, refuses, is going down, has given up the statement, or did not answer in time
# (TimeoutError is an OSError). asyncpg raises InterfaceError for a connection that was lost between
# two statements.
UNAVAILABLE = (
    OSError,
    asyncpg.InterfaceError,
    # Also raised where the connection is lost in the middle of a message or of a change of state.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


class AsyncpgDatabase:
    """Postgres by asyncpg, with one of the pools of connections.py."""

    def __init__(self, settings: Settings) -> None:
        self._source = measured(source(settings), settings)
        self._waiting, self._most_waiting = 0, settings.waiting_per_worker

    async def open(self) -> None:
        await self._source.open()

    async def close(self) -> None:
        await self._source.close()

    async def run(self, plan: Asking[_Found]) -> _Found:
        end = asyncio.get_running_loop().time() + DATABASE_SECONDS
        try:
            connection = await self._acquire()
            try:
                return await _follow(plan, connection, end)
            except (ApiError, asyncpg.QueryCanceledError):
                # The connection can be used again, as after an answer.
                raise
            except BaseException:
                # The connection is broken, or in an unknown state.
                terminate(connection)
                raise
            finally:
                await give_back(self._source, connection)
        except UNAVAILABLE as error:
            raise ApiError(ErrorKind.UNAVAILABLE) from error

    async def _acquire(self) -> Any:
        # Whoever comes when so many wait would wait longest of all: it is told so at once, for little.
        if self._waiting >= self._most_waiting:
            raise ApiError(ErrorKind.BUSY)
        self._waiting += 1
        try:
            return await self._source.acquire()
        finally:
            self._waiting -= 1


async def _follow(plan: Asking[_Found], connection: Any, end: float) -> _Found:
    now = asyncio.get_running_loop().time
    try:
        statement = next(plan)
        while True:
            seconds = min(STATEMENT_SECONDS, end - now())
            rows: list[Any] = await connection.fetch(statement.sql, *statement.arguments, timeout=seconds)
            statement = plan.send(rows)
    except StopIteration as stop:
        found: _Found = stop.value
        return found
