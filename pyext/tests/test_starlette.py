"""The response for Starlette."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from rowjson import Shape, dumps
from rowjson.starlette import RowJSONResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SHAPE = Shape(["id", "name"])


class Hex(RowJSONResponse):
    def render(self, content: Any) -> bytes:
        return dumps(content, bytes="hex")


async def shaped(_: Request) -> Response:
    return RowJSONResponse(SHAPE.rows([(1, "é"), (2, None)]))


async def failed(_: Request) -> Response:
    return RowJSONResponse({"error": "no such recipe"}, status_code=404, headers={"x-a": "b"})


async def hexadecimal(_: Request) -> Response:
    return Hex(b"\xff")


APP = Starlette(
    routes=[Route("/shaped", shaped), Route("/failed", failed), Route("/hex", hexadecimal)],
)
Get = Callable[[str], httpx.Response]


@pytest.fixture
def get(runner: asyncio.Runner) -> Get:
    async def ask(path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url="http://service") as client:
            return await client.get(path)

    return lambda path: runner.run(ask(path))


def test_the_body_is_what_dumps_gives(get: Get) -> None:
    response = get("/shaped")
    assert response.status_code == 200
    assert response.content == '[{"id":1,"name":"é"},{"id":2,"name":null}]'.encode()
    assert response.headers["content-type"] == "application/json"
    assert response.headers["content-length"] == str(len(response.content))


def test_status_and_headers_are_starlettes(get: Get) -> None:
    response = get("/failed")
    assert (response.status_code, response.json(), response.headers["x-a"]) == (404, {"error": "no such recipe"}, "b")


def test_a_subclass_can_pass_options(get: Get) -> None:
    assert get("/hex").json() == "ff"


def test_records_are_content(fetch: Callable[..., list[Any]]) -> None:
    assert RowJSONResponse(fetch("SELECT 1 AS id")).body == b'[{"id":1}]'


def test_what_has_no_json_is_an_error_before_anything_is_sent() -> None:
    with pytest.raises(TypeError, match=r"^no JSON for set, at \$\[0\]$"):
        RowJSONResponse([{1}])
