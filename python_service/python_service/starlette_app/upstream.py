"""The service behind this one, as requests see it."""

from collections.abc import Awaitable, Callable

from python_service.errors import ApiError, ErrorKind
from python_service.settings import Settings
from python_service.starlette_app.observed import with_handshakes_counted
from python_service.upstream import awaiting
from python_service.upstream.answers import nutrition
from python_service.upstream.calls import CallError
from python_service.upstream.calls import Upstream as Client
from python_service.upstream.clients import awaitable
from python_service.upstream.strategies import Clients, Context
from python_service.upstream.target import Target


class Upstream:
    """Answers from the upstream, in documents."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seconds = settings.upstream_deadline_ms / 1000
        self._clients: Clients[Client] | None = None

    def open(self) -> None:
        """Open what lives as long as the app. Called where the app's event loop runs."""
        if self._settings.upstream_url is not None:
            self._clients = Clients(self._settings.client, self._open, self._settings.upstream())

    def _open(self, target: Target, context: Context) -> Client:
        open_client = awaitable(self._settings.http_client)
        return open_client(target, with_handshakes_counted(context, self._settings))

    async def close(self) -> None:
        """Close it."""
        for client in self._clients.to_close() if self._clients else ():
            await client.close()

    async def nutrition(self, recipe_id: int, name: str, gone: Callable[[], Awaitable[object]]) -> bytes:
        """The document as JSON. `gone` returns when the client has gone. Raises ApiError."""
        if self._clients is None:
            raise ApiError(ErrorKind.BAD_UPSTREAM)
        bodies = await awaiting.answers(self._clients, recipe_id, self._seconds, gone)
        try:
            return nutrition(recipe_id, name, bodies)
        except CallError as error:
            raise ApiError(ErrorKind.BAD_UPSTREAM) from error
