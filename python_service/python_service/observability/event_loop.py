"""How late an event loop is, and how many tasks it has."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import Gauge, Histogram

# How often it is looked.
LOOK_SECONDS = 0.1

LAG = Histogram(
    "event_loop_lag_seconds",
    "How much later than it asked for a task runs again.",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
TASKS = Gauge("event_loop_tasks", "Tasks that are not done.", multiprocess_mode="livesum")


@asynccontextmanager
async def watched() -> AsyncIterator[None]:
    """Look at the running loop, until the block is left."""
    watching = asyncio.create_task(_watch())
    try:
        yield
    finally:
        watching.cancel()


async def _watch() -> None:
    now = asyncio.get_running_loop().time
    while True:
        due = now() + LOOK_SECONDS
        await asyncio.sleep(LOOK_SECONDS)
        LAG.observe(max(0.0, now() - due))
        # Without this one.
        TASKS.set(len(asyncio.all_tasks()) - 1)
