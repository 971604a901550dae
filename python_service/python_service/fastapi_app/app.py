"""The ASGI application: python_service.fastapi_app.app:app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from python_service.fastapi_app.database import Database
from python_service.fastapi_app.routes import router
from python_service.requirements import require_awaitable_client, require_defaults, require_no_pool_ping
from python_service.settings import Settings, load_or_exit
from python_service.starlette_app.error_handlers import ERROR_HANDLERS
from python_service.starlette_app.path_as_sent import PathAsSent
from python_service.starlette_app.upstream import Upstream

# SQLAlchemy and FastAPI have no such knobs.
_FIXED = (
    *("driver", "connections", "pool_reset", "statements"),
    *("plan", "lookup", "set_time_zone", "serializer"),
)


def create_app(settings: Settings) -> FastAPI:
    """An app that opens its own connections when its server starts it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.database, app.state.upstream = Database(settings), Upstream(settings)
        app.state.upstream.open()
        try:
            yield
        finally:
            await app.state.upstream.close()
            await app.state.database.close()

    app = FastAPI(
        # The contract has no routes but its own.
        openapi_url=None,
        redirect_slashes=False,
        exception_handlers=ERROR_HANDLERS,
        lifespan=lifespan,
    )
    app.include_router(router)
    return app


app = PathAsSent(create_app(load_or_exit(require_no_pool_ping, require_defaults(*_FIXED), require_awaitable_client)))
