"""Running a plan on one of the worker's connections."""

import asyncio
import logging
from typing import Any

import asyncpg

from python_service.document import Document
from python_service.errors import ApiError, ErrorKind
from python_service.plans import Steps
from python_service.settings import Connections, Settings, Statements
from python_service.starlette_app.pool import CLOSE_SECONDS, Connection, Pool

# The database's own statement_timeout is 5 s and answers first, unless the server hangs as a whole.
STATEMENT_SECONDS = 6.0

# Postgres is away, refuses, is going down, gave up on the statement, or nobody answered in time
# (TimeoutError is an OSError). InterfaceError is asyncpg's word for a connection that was lost
# between two statements.
_UNAVAILABLE = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)

_log = logging.getLogger(__name__)


class Database:
    """At most `connections_per_worker` connections to Postgres."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool = Pool(self._connect, settings.connections_per_worker, settings.pool_timeout_seconds)

    async def open(self) -> None:
        """Connect, where Postgres is there; where it is not, each request tries again."""
        if self._settings.connections is Connections.PER_REQUEST:
            return
        attempts = await asyncio.gather(
            *(self._pool.acquire() for _ in range(self._settings.connections_per_worker)), return_exceptions=True
        )
        for attempt in attempts:
            if isinstance(attempt, BaseException):
                _log.warning("no connection yet", extra={"cause": repr(attempt)})
            else:
                self._pool.release(attempt)

    async def close(self) -> None:
        """Once no request runs any more."""
        await self._pool.close()

    async def run(self, plan: Steps) -> Document:
        """The plan's document. Raises UNAVAILABLE without a working connection, and what the plan raises."""
        try:
            connection = await self._pool.acquire()
            try:
                return await _follow(plan, connection)
            except (ApiError, asyncpg.QueryCanceledError):
                # The connection is as good as after an answer.
                raise
            except BaseException:
                # It is broken, or nobody knows what it is in the middle of.
                connection.terminate()
                raise
            finally:
                await self._give_back(connection)
        except _UNAVAILABLE as error:
            raise ApiError(ErrorKind.UNAVAILABLE) from error

    async def _give_back(self, connection: Connection) -> None:
        try:
            if connection.is_closed():
                pass
            elif self._settings.connections is Connections.PER_REQUEST:
                await connection.close(timeout=CLOSE_SECONDS)
            elif self._settings.pool_check:
                # As asyncpg's own pool does: a round trip that undoes SET, LISTEN, cursors and locks.
                await connection.reset(timeout=CLOSE_SECONDS)
        except BaseException:
            connection.terminate()
            raise
        finally:
            self._pool.release(connection)

    async def _connect(self) -> Connection:
        settings = self._settings
        return await asyncpg.connect(
            settings.database_url.get_secret_value(),
            command_timeout=STATEMENT_SECONDS,
            statement_cache_size=100 if settings.statements is Statements.CACHED else 0,
            max_cached_statement_lifetime=0,
        )


async def _follow(plan: Steps, connection: Connection) -> Document:
    try:
        statement = next(plan)
        while True:
            rows: list[Any] = await connection.fetch(statement.sql, *statement.arguments)
            statement = plan.send(rows)
    except StopIteration as end:
        document: Document = end.value
        return document
