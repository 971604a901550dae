"""The Starlette service with work planted at one layer: $PLANTED is LAYER=MICROSECONDS (variants.toml).

The work is CPU time of the thread that answers, once for each request, however many statements that has.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import asyncpg
import psycopg
from python_service.serializers import SERIALIZERS
from python_service.starlette_app.app import app as service
from starlette.types import Receive, Scope, Send

LAYER, _, MICROSECONDS = os.environ["PLANTED"].partition("=")
NANOSECONDS = int(MICROSECONDS) * 1000

_to_do: ContextVar[Iterator[int]] = ContextVar("to_do")


def work() -> None:
    """Do the request's work, if it has not been done yet. What is no request has none."""
    nanoseconds = next(_to_do.get(iter(())), 0)
    end = time.thread_time_ns() + nanoseconds
    while nanoseconds and time.thread_time_ns() < end:
        pass


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer as the service does."""
    if scope["type"] == "http":
        _to_do.set(iter([NANOSECONDS]))
        if LAYER == "framework":
            work()
    await service(scope, receive, send)


def in_driver() -> None:
    """Work after each statement, with either driver."""

    def and_work(ask: Callable[..., Any]) -> Callable[..., Any]:
        async def ask_and_work(*arguments: Any, **options: Any) -> Any:
            answer = await ask(*arguments, **options)
            work()
            return answer

        return ask_and_work

    for connection, method in ((asyncpg.Connection, "fetch"), (psycopg.AsyncConnection, "execute")):
        setattr(connection, method, and_work(getattr(connection, method)))


def in_serializer() -> None:
    """Work before each document."""

    def after_work(write: Callable[..., bytes]) -> Callable[..., bytes]:
        def work_and_write(*arguments: Any) -> bytes:
            work()
            return write(*arguments)

        return work_and_write

    for serializer in SERIALIZERS.values():
        for document in ("recipe", "recipe_list", "note"):
            setattr(serializer, document, after_work(getattr(serializer, document)))


LAYERS: dict[str, Callable[[], None]] = {
    "framework": lambda: None,
    "driver": in_driver,
    "serializer": in_serializer,
}
if LAYER not in LAYERS:
    sys.exit(f"PLANTED={os.environ['PLANTED']}: there is no layer {LAYER!r}: there are {', '.join(LAYERS)}")
LAYERS[LAYER]()
