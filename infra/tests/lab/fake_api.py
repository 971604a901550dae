"""A fake of DigitalOcean's API for the real Terraform provider, as strict as the real API where that matters.

Only what infra/ needs is there. What the provider asks for beyond that is refused and kept in `problems`.
"""

import asyncio
import json
import re
import socket
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self

import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab import fake_api_account, fake_api_databases, fake_api_droplets, fake_api_labels, fake_api_network
from lab.fake_api_account import Account, Handler, Json, RefusalError, Settings

HANDLERS: dict[str, Handler] = {
    **fake_api_account.HANDLERS,
    **fake_api_network.HANDLERS,
    **fake_api_labels.HANDLERS,
    **fake_api_droplets.HANDLERS,
    **fake_api_databases.HANDLERS,
}
TOKEN = "fake-token-of-the-tests"  # noqa: S105 # it protects nothing
PAGING = {"page", "per_page"}
# What changes a database cluster takes some time, and no other change of it may begin meanwhile: the API takes both,
# and may lose one of them (digitalocean/terraform-provider-digitalocean#852 and #913).
CHANGE_OF_CLUSTER = re.compile(r"(POST|PUT|DELETE) /v2/databases/\{id\}/")
CHANGE_SECONDS = 0.3
STOP_SECONDS = 10


class FakeApi:
    """The API, served from a thread of this process for as long as the context lasts.

    `account` is what it holds. `problems` tells of each request that the real API would not know or take; `refused`
    of those that it would not carry out as things stand; `requests` counts all by method and path.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.account = Account(settings or Settings())
        self.problems: list[str] = []
        self.refused: list[str] = []
        self.requests: Counter[str] = Counter()
        self._changing: set[str] = set()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = uvicorn.Server(
            uvicorn.Config(self._app(), log_level="warning", access_log=False, lifespan="off", ws="none")
        )
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(STOP_SECONDS)
        self._socket.close()

    def environment(self) -> dict[str, str]:
        """The variables that make the real provider talk to this fake."""
        return {"DIGITALOCEAN_API_URL": self.url, "DIGITALOCEAN_TOKEN": TOKEN}

    def _app(self) -> Starlette:
        async def unknown(request: Request, _: Exception) -> Response:
            return self._problem(request, 404, "the fake knows no such path or method")

        routes = []
        for key, handler in HANDLERS.items():
            method, path = key.split(" ")
            routes.append(Route(path, self._endpoint(key, handler), methods=[method]))
        app = Starlette(routes=routes, exception_handlers={404: unknown, 405: unknown})
        app.router.redirect_slashes = False
        return app

    def _endpoint(self, key: str, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            self.requests[key] += 1
            if request.headers.get("authorization") != f"Bearer {TOKEN}":
                return self._problem(request, 401, "Unable to authenticate you")
            if unknown := set(request.query_params) - PAGING:
                return self._problem(request, 422, f"unknown parameters: {', '.join(sorted(unknown))}")
            if CHANGE_OF_CLUSTER.match(key):
                await self._change(request)
            body = await request.body()
            try:
                status, content = handler(self.account, request.path_params, json.loads(body) if body else None)
            except (ValidationError, json.JSONDecodeError) as error:
                return self._problem(request, 422, str(error))
            except RefusalError as error:
                self.refused.append(f"{request.method} {request.url.path}: {error.status}, {error}")
                return as_error(error.status, str(error))
            if content is None:
                return Response(status_code=status)
            if not self.account.settings.shows_credentials:
                content = without_credentials(content)
            return JSONResponse(part(content, request.query_params), status)

        return answer

    async def _change(self, request: Request) -> None:
        cluster = request.path_params["id"]
        if cluster in self._changing:
            self._problem(request, 409, "another change of this cluster is under way")
        self._changing.add(cluster)
        await asyncio.sleep(CHANGE_SECONDS)
        self._changing.discard(cluster)

    def _problem(self, request: Request, status: int, message: str) -> Response:
        self.problems.append(f"{request.method} {request.url.path}: {status}, {message}")
        return as_error(status, message)


def without_credentials(content: Any) -> Any:
    """What a token sees that may not read passwords: neither them, nor the user of a connection."""
    if isinstance(content, list):
        return [without_credentials(each) for each in content]
    if not isinstance(content, dict):
        return content
    hidden = {"password", "uri", *(["user"] if "uri" in content else [])}
    return {name: without_credentials(value) for name, value in content.items() if name not in hidden}


def part(content: Json, asked: Mapping[str, str]) -> Json:
    """The page of a list that was asked for; anything else as it is."""
    if "meta" not in content or "per_page" not in asked:
        return content
    size, number = int(asked["per_page"]), int(asked.get("page", 1))
    chosen = slice((number - 1) * size, number * size)
    return {name: value[chosen] if isinstance(value, list) else value for name, value in content.items()}


def as_error(status: int, message: str) -> JSONResponse:
    content: Json = {"id": "error", "message": message}
    return JSONResponse(content, status)
