"""The ASGI application: python_service.starlette_app.app:app."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from python_service import memory
from python_service.errors import ApiError, ErrorKind
from python_service.settings import Settings, load_or_exit, require_awaitable_client, require_no_pool_ping
from python_service.starlette_app.database import Database
from python_service.starlette_app.observed import observe, observed
from python_service.starlette_app.routes import Api
from python_service.starlette_app.upstream import Upstream

_log = logging.getLogger(__name__)


def create_app(settings: Settings) -> ASGIApp:
    """An app that opens its own connections when its server starts it."""
    database, upstream = Database(settings), Upstream(settings)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with observed(settings):
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
        exception_handlers={ApiError: _api_error, HTTPException: _http_exception, Exception: _unexpected},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return observe(app, settings)


class PathAsSent:
    """Matches paths as they were sent; the server has decoded them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["path"] = scope["raw_path"].decode("ascii")
        await self._app(scope, receive, send)


async def _api_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101  # Starlette's type of a handler is wider
    if error.__cause__ is not None:
        _log.error(error.kind.code, extra={"cause": repr(error.__cause__)})
    return _error_response(error.kind)


async def _http_exception(_request: Request, error: Exception) -> Response:
    """Answer for the router, which finds no route, or not with this method."""
    assert isinstance(error, HTTPException)  # noqa: S101
    if error.status_code != ErrorKind.METHOD_NOT_ALLOWED.status:
        return _error_response(ErrorKind.NOT_FOUND)
    # The router joins a set, whose order varies.
    allow = ", ".join(sorted(dict(error.headers or {})["Allow"].split(", ")))
    return _error_response(ErrorKind.METHOD_NOT_ALLOWED, {"Allow": allow})


async def _unexpected(_request: Request, _error: Exception) -> Response:
    """Answer 500. Starlette raises the exception again after the response, and the server logs it."""
    return _error_response(ErrorKind.INTERNAL)


def _error_response(kind: ErrorKind, headers: dict[str, str] | None = None) -> Response:
    return Response(kind.body, kind.status, {**kind.headers, **(headers or {})}, "application/json")


app = PathAsSent(create_app(load_or_exit(require_no_pool_ping, require_awaitable_client)))
