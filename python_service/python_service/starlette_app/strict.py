"""Refuses what h11 lets through and the contract does not allow."""

import asyncio
import re

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from python_service.errors import ApiError, ErrorKind
from python_service.limits import BODY_SECONDS, HEAD_BYTES

_ORIGIN = re.compile(rb"https?://[^/]*", re.IGNORECASE)


class Strict:
    """Passes on to an app only requests of HTTP/1 whose head is small enough, and bodies that come in time."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif kind := _refusal(scope):
            answer = Response(kind.body, kind.status, {"Connection": "close"}, "application/json")
            await answer(scope, receive, send)
        else:
            if not scope["raw_path"].startswith(b"/"):
                scope["raw_path"] = _path(scope["raw_path"])
            await self._app(scope, _InTime(receive), send)


class _InTime:
    """Receives a body until its deadline."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._end: float | None = None

    async def __call__(self) -> Message:
        self._end = self._end or asyncio.get_running_loop().time() + BODY_SECONDS
        try:
            async with asyncio.timeout_at(self._end):
                return await self._receive()
        except TimeoutError:
            raise ApiError(ErrorKind.REQUEST_TIMEOUT) from None


def _refusal(scope: Scope) -> ErrorKind | None:
    fields: list[tuple[bytes, bytes]] = scope["headers"]
    size = len(scope["raw_path"]) + len(scope["query_string"])
    if size + sum(len(name) + len(value) + len(": \r\n") for name, value in fields) > HEAD_BYTES:
        return ErrorKind.HEAD_TOO_LARGE
    names = {name for name, _ in fields}
    # If a request has both, a proxy in front may have read another length.
    if scope["http_version"] not in {"1.0", "1.1"} or names >= {b"content-length", b"transfer-encoding"}:
        return ErrorKind.BAD_REQUEST
    return None


def _path(target: bytes) -> bytes:
    """The path of an absolute target."""
    origin = _ORIGIN.match(target)
    return (target[origin.end() :] or b"/") if origin else target
