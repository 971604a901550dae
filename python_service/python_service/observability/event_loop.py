"""How late an event loop is, and how many tasks it has."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from prometheus_client import Gauge, Histogram

if TYPE_CHECKING:
    from python_service.observability.sent_metrics import SentMetrics

# How often it is looked.
LOOK_SECONDS = 0.1

_ABOUT_LAG = "How much later than it asked for a task runs again."
_BOUNDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
LAG = Histogram("event_loop_lag_seconds", _ABOUT_LAG, buckets=_BOUNDS)
TASKS = Gauge("event_loop_tasks", "Tasks that are not done.", multiprocess_mode="livesum")


@asynccontextmanager
async def watched(sent: "SentMetrics | None") -> AsyncIterator[None]:
    """Look at the running loop, until the block is left."""
    recorders: list[Callable[[float], None]] = [LAG.observe]
    if sent is not None:
        sent.send(TASKS, "event_loop_tasks", "{task}")
        # OpenTelemetry has no histograms that are read from elsewhere.
        recorders.append(sent.histogram("event_loop_lag", "s", _ABOUT_LAG, _BOUNDS).record)
    watching = asyncio.create_task(_watch(recorders))
    try:
        yield
    finally:
        watching.cancel()


async def _watch(recorders: list[Callable[[float], None]]) -> None:
    now = asyncio.get_running_loop().time
    while True:
        due = now() + LOOK_SECONDS
        await asyncio.sleep(LOOK_SECONDS)
        late = max(0.0, now() - due)
        for record in recorders:
            record(late)
        # Without this one.
        TASKS.set(len(asyncio.all_tasks()) - 1)
