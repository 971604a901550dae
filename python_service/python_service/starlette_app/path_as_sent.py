"""Paths as the contract matches them."""

from starlette.types import ASGIApp, Receive, Scope, Send


class PathAsSent:
    """Matches paths as they were sent; the server has decoded them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["path"] = scope["raw_path"].decode("ascii")
        await self._app(scope, receive, send)
