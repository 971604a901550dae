"""How errors are answered."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from python_service.errors import ApiError, ErrorKind

_log = logging.getLogger(__name__)


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


ERROR_HANDLERS: dict[int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]] = {
    ApiError: _api_error,
    HTTPException: _http_exception,
    Exception: _unexpected,
}
