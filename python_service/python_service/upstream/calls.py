"""The calls for one recipe: which there are, how they fail, and which of them may be made again.

Nothing here knows an HTTP library, or whether a call is awaited or blocks.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from random import Random
from typing import Protocol

MOST_BYTES = 64 * 1024
"""The largest body that is read."""
BACKOFF_SECONDS = 0.010
MOST_BACKOFF_SECONDS = 0.100


class CallError(Exception):
    """A call has failed for good: its answer is not valid, or none can come."""


class LostError(CallError):
    """The connection was refused, or lost before the answer had come."""


class StatusError(CallError):
    """The answer is not 200."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class Upstream(Protocol):
    """A client for the upstream, or a strategy that makes clients."""

    async def get(self, path: str) -> bytes:
        """The body of an answer with status 200.

        Raises CallError, and TimeoutError where the client's own time limit has passed. A cancelled call is over:
        it has closed its connection, or given it back.
        """

    async def close(self) -> None:
        """Close what was kept open."""


class BlockingUpstream(Protocol):
    """The same for synchronous code, in which a call is told how long it may take."""

    def get(self, path: str, seconds: float) -> bytes: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Resource:
    """One of the things that the upstream knows about a recipe."""

    name: str
    most_repeats: int = 0
    """How often a call may be made again after its connection was lost."""
    passing: frozenset[int] = frozenset()
    """After which statuses, too."""

    def path(self, recipe_id: int) -> str:
        return f"/{self.name}/{recipe_id}"

    def pause(self, error: CallError, repeats: int, random: Random) -> float | None:
        """For how many seconds to wait before the call is made again; None if it may not be.

        `repeats`: how often it was. The pauses grow, and are random, so that clients do not come back together.
        """
        passes = isinstance(error, LostError) or (isinstance(error, StatusError) and error.status in self.passing)
        if not passes or repeats >= self.most_repeats:
            return None
        return random.uniform(0, min(MOST_BACKOFF_SECONDS, BACKOFF_SECONDS * 2**repeats))


# An analysis costs money, so it is never asked for twice.
ANALYSIS = Resource("analysis")
FACTS = Resource("facts", most_repeats=1)
PRICE = Resource("price", most_repeats=2, passing=frozenset({HTTPStatus.SERVICE_UNAVAILABLE}))
RESOURCES = (ANALYSIS, FACTS, PRICE)


class Body:
    """A body that is read in pieces."""

    def __init__(self) -> None:
        self._read = bytearray()

    def add(self, piece: bytes) -> None:
        """Raises CallError when there are too many."""
        self._read += piece
        if len(self._read) > MOST_BYTES:
            raise CallError(f"the body has more than {MOST_BYTES} bytes")

    def of(self, status: int) -> bytes:
        """The whole body, of an answer with this status. Raises StatusError.

        A body is read whatever the status is: a connection can only be used again behind it.
        """
        if status != HTTPStatus.OK:
            raise StatusError(status)
        return bytes(self._read)


async def read(status: int, pieces: AsyncIterator[bytes]) -> bytes:
    """The body of an answer. Raises CallError."""
    body = Body()
    async for piece in pieces:
        body.add(piece)
    return body.of(status)


def read_blocking(status: int, pieces: Iterable[bytes]) -> bytes:
    """The same for synchronous code."""
    body = Body()
    for piece in pieces:
        body.add(piece)
    return body.of(status)
