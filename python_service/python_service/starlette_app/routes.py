"""The endpoints: parameters, then the plan."""

from functools import partial

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from python_service import parameters
from python_service.errors import ApiError, ErrorKind
from python_service.plans import plans, recipe_title
from python_service.settings import Settings
from python_service.starlette_app.database import Database
from python_service.starlette_app.upstream import Upstream


class Api:
    """The endpoints of one app, and what they share."""

    def __init__(self, settings: Settings, database: Database, upstream: Upstream) -> None:
        self._database = database
        self._upstream = upstream
        self._plans = plans(settings)

    def routes(self) -> list[Route]:
        return [
            Route("/api/v1/recipes/{id}", self.recipe),
            Route("/api/v1/recipes", self.recipe_list),
            Route("/api/v1/recipes/{id}/nutrition", self.nutrition),
            Route("/api/v1/recipes/{id}/notes", self.create_note, methods=["POST"]),
            Route("/healthz", healthz),
        ]

    async def recipe(self, request: Request) -> Response:
        session = session_key(request)
        recipe_id = parameters.recipe_id(request.path_params["id"])
        return json_response(await self._database.run(self._plans.recipe(session, recipe_id)))

    async def recipe_list(self, request: Request) -> Response:
        session = session_key(request)
        limit, after = parameters.page(request.scope["query_string"].decode("latin-1"))
        return json_response(await self._database.run(self._plans.recipe_list(session, limit, after)))

    async def nutrition(self, request: Request) -> Response:
        session = session_key(request)
        recipe_id = parameters.recipe_id(request.path_params["id"])
        # The connection to the database is given back before the calls.
        title = await self._database.run(recipe_title(session, recipe_id))
        return json_response(await self._upstream.nutrition(recipe_id, title, partial(end, request)))

    async def create_note(self, request: Request) -> Response:
        session = session_key(request)
        recipe_id = parameters.recipe_id(request.path_params["id"])
        parameters.require_json(request.headers.get("content-type"))
        text = parameters.note_text(await whole_body(request))
        return json_response(await self._database.run(self._plans.note(session, recipe_id, text)), 201)


async def healthz(_request: Request) -> Response:
    """Say that the process answers; this says nothing about the database."""
    return json_response(b'{"status":"ok"}')


def json_response(body: bytes, status: int = 200) -> Response:
    return Response(body, status, media_type="application/json")


def session_key(request: Request) -> str:
    return parameters.session_key(parameters.cookie(request.headers.getlist("cookie")))


async def end(request: Request) -> None:
    """Return when the client has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def whole_body(request: Request) -> bytes:
    """Raises BODY_TOO_LARGE as soon as it is known."""
    parameters.require_small(int(request.headers.get("content-length", 0)))
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            # A chunked body does not announce its size.
            parameters.require_small(len(body))
    except ClientDisconnect:
        # Nobody is left to read the answer.
        raise ApiError(ErrorKind.BAD_BODY) from None
    return bytes(body)
