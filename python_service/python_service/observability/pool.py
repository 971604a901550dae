"""psycopg's pool, which counts the connections that are in use."""

from typing import Any

from psycopg_pool import AsyncConnectionPool

from python_service.observability.metrics import POOL_IN_USE


class MeasuredPool(AsyncConnectionPool):
    """A pool for the requests of an event loop."""

    async def getconn(self, timeout: float | None = None) -> Any:  # noqa: ASYNC109  # as in its base
        connection = await super().getconn(timeout)
        POOL_IN_USE.inc()
        return connection

    async def putconn(self, conn: Any) -> None:
        POOL_IN_USE.dec()
        await super().putconn(conn)
