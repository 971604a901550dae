"""The ASGI application: python_service.fastapi_app.app:app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from python_service import memory
from python_service.fastapi_app.database import Database
from python_service.fastapi_app.routes import router
from python_service.requirements import BY_APP
from python_service.settings import Settings, load_or_exit
from python_service.starlette_app.error_handlers import ERROR_HANDLERS
from python_service.starlette_app.observed import observe, observed
from python_service.starlette_app.path_as_sent import PathAsSent
from python_service.starlette_app.upstream import Upstream


def create_app(settings: Settings) -> ASGIApp:
    """An app that opens its own connections when its server starts it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with observed("fastapi", settings):
            app.state.database, app.state.upstream = Database(settings), Upstream(settings)
            app.state.upstream.open()
            try:
                yield
            finally:
                memory.log_kept()
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
    return observe(app, settings)


app = PathAsSent(create_app(load_or_exit(*BY_APP["fastapi_app"])))
