"""Does an operation again and again, and tells what it used. Runs in the environment of one library."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeAlias

from outbound.benchmarks import Operation, Trust
from outbound.clients import CLOSE, Client, Open, opening
from outbound.trust import trust

Once: TypeAlias = Callable[[], Awaitable[None]]


class Asked(NamedTuple):
    """The upstream, and what it must answer."""

    url: str
    body: bytes
    ca_file: Path

    @classmethod
    def from_environment(cls) -> "Asked":
        return cls(os.environ["ASKED_URL"], os.environ["ASKED_BODY"].encode(), Path(os.environ["ASKED_CA"]))

    def environment(self) -> dict[str, str]:
        """The variables that say it."""
        return {"ASKED_URL": self.url, "ASKED_BODY": self.body.decode(), "ASKED_CA": str(self.ca_file)}

    async def by(self, client: Client, *, keep: bool) -> None:
        """Ask, and end the benchmark if the answer is wrong."""
        status, body = await client.get(self.url, {} if keep else CLOSE)
        if (status, body) != (200, self.body):
            raise SystemExit(f"outbound: {self.url} was answered with {status} {body!r}")


def cpu_seconds(
    module: str, operation: Operation, trusted: Trust, calls: int, begin: Callable[[], object] = lambda: None
) -> float:
    """CPU time of this process, all threads, for so many calls. `begin` is called when all is ready for the first."""
    asked = Asked.from_environment()
    trust(asked.ca_file)
    return asyncio.run(_measured(asked, opening(module, trusted, asked.ca_file), operation, calls, begin))


async def _measured(asked: Asked, new: Open, operation: Operation, calls: int, begin: Callable[[], object]) -> float:
    kept = new()
    try:
        once = _once(asked, new, kept, operation)
        # What a library does only once: imports, caches, the first connection.
        await once()
        begin()
        before = time.process_time_ns()
        for _ in range(calls):
            await once()
        return (time.process_time_ns() - before) / 1e9
    finally:
        # niquests closes each session of an event loop only once it has been used.
        with suppress(Exception):
            await kept.close()


def _once(asked: Asked, new: Open, kept: Client, operation: Operation) -> Once:
    async def construct() -> None:
        await new().close()

    async def one_off() -> None:
        client = new()
        try:
            await asked.by(client, keep=True)
        finally:
            await client.close()

    async def on_new_connection() -> None:
        await asked.by(kept, keep=False)

    async def on_kept_connection() -> None:
        await asked.by(kept, keep=True)

    return {
        Operation.CONSTRUCT: construct,
        Operation.ONE_OFF: one_off,
        Operation.NEW_CONNECTION: on_new_connection,
        Operation.KEPT_CONNECTION: on_kept_connection,
    }[operation]
