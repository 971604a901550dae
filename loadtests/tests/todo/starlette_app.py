"""The to-do list in Starlette, with asyncpg."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def answer(document: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(document), status, media_type="application/json")


def todo(row: asyncpg.Record) -> dict[str, Any]:
    moment = row["created_at"].astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {**row, "created_at": moment}


async def health(_: Request) -> Response:
    return answer({"status": "ok"})


async def every(request: Request) -> Response:
    rows = await request.app.state.pool.fetch("SELECT id, title, done, created_at FROM todos ORDER BY id LIMIT 3")
    return answer({"todos": [todo(row) for row in rows]})


async def one(request: Request) -> Response:
    row = await request.app.state.pool.fetchrow(
        "SELECT id, title, done, created_at FROM todos WHERE id = $1", request.path_params["number"]
    )
    return answer(todo(row)) if row else answer({"error": "not found"}, 404)


async def add(request: Request) -> Response:
    title = orjson.loads(await request.body())["title"]
    row = await request.app.state.pool.fetchrow(
        "INSERT INTO todos (title) VALUES ($1) RETURNING id, title, done, created_at", title
    )
    return answer(todo(row), 201)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    size = int(os.environ["POOL_SIZE"])
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=1, max_size=size) as app.state.pool:
        yield


app = Starlette(
    routes=[
        Route("/health", health),
        Route("/todos", every),
        Route("/todos", add, methods=["POST"]),
        Route("/todos/{number:int}", one),
    ],
    lifespan=lifespan,
)

if __name__ == "__main__":
    uvicorn.run(app, host=os.environ["HOST"], port=int(os.environ["PORT"]), access_log=False)
