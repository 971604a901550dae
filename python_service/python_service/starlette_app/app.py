"""The ASGI application: python_service.starlette_app.app:app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.types import ASGIApp

from python_service import memory
from python_service.requirements import BY_APP
from python_service.settings import Settings, load_or_exit
from python_service.starlette_app.database import database as database_of
from python_service.starlette_app.error_handlers import ERROR_HANDLERS
from python_service.starlette_app.observed import observe, observed
from python_service.starlette_app.path_as_sent import PathAsSent
from python_service.starlette_app.routes import Api
from python_service.starlette_app.upstream import Upstream


def create_app(settings: Settings) -> ASGIApp:
    """An app that opens its own connections when its server starts it."""
    database, upstream = database_of(settings), Upstream(settings)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with observed("starlette", settings):
            await database.open()
            upstream.open()
            try:
                yield
            finally:
                memory.log_kept()
                await upstream.close()
                await database.close()

    app = Starlette(
        routes=Api(settings, database, upstream).routes(),
        exception_handlers=ERROR_HANDLERS,
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return observe(app, settings)


app = PathAsSent(create_app(load_or_exit(*BY_APP["starlette_app"])))
