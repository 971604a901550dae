"""The Starlette service, which spends BUSY_US microseconds of CPU time on nothing for each request."""

import os
import time

from python_service.starlette_app.app import app as service
from starlette.types import Receive, Scope, Send

BUSY_NS = int(os.environ["BUSY_US"]) * 1000


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Lose time, then answer."""
    if scope["type"] == "http" and BUSY_NS:
        end = time.thread_time_ns() + BUSY_NS
        while time.thread_time_ns() < end:
            pass
    await service(scope, receive, send)
