"""What bounds a row by keeping its connections to Postgres: round trips, locks, the disk, or that they are few."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import fmean
from typing import ClassVar

from showdown.judge.rows import Row, connections_at_once
from showdown.judge.verdicts.bounds import tiers_at_their_limits
from showdown.judge.verdicts.verdict import Consequence, Verdict

# Shares: of the connections that there are, of which one is always about to change hands; and of those in use.
POOL_AT_LIMIT, MOSTLY = 0.9, 0.5
# One connection that waits now and then bounds nothing.
FEWEST_WAITING = 1


@dataclass(frozen=True)
class KeepsConnections(Verdict):
    """Something keeps connections, so that fewer requests get one."""

    waiting: float
    """Connections that waited for it, on average."""

    @property
    def consequence(self) -> Consequence:
        return Consequence.NOTE


@dataclass(frozen=True)
class WaitsForRoundTrips(KeepsConnections):
    """The way to Postgres is long, and a request goes there so many times."""

    label = "round trips"

    round_trips: float
    """Of one request."""
    latency_ms: float
    """Of one round trip."""
    at_once: int
    """How many connections can be in use at a time."""

    @property
    def seen(self) -> str:
        return (
            f"its {self.round_trips:.1f} round trips a request, of {self.latency_ms:g} ms each, kept "
            f"{self.waiting:.1f} of {self.at_once} connections on average: this bounds the row"
        )

    @property
    def advice(self) -> str:
        return "fewer round trips a request would make it faster, or more connections"


@dataclass(frozen=True)
class WaitsInPostgres(KeepsConnections):
    """Statements wait for something in Postgres."""

    in_use: float
    """Connections that executed something or were in a transaction, on average."""

    what: ClassVar[str]

    @property
    def seen(self) -> str:
        return f"{self.waiting:.1f} of {self.in_use:.1f} connections in use waited for {self.what} on average"


@dataclass(frozen=True)
class WaitsForLocks(WaitsInPostgres):
    """Transactions wait for each other."""

    label = "locks"
    what = "another transaction's lock"

    @property
    def advice(self) -> str:
        return (
            "shorter transactions, or fewer that change the same rows, would make it faster; more connections would not"
        )


@dataclass(frozen=True)
class WaitsForDisk(WaitsInPostgres):
    """Postgres waits for its disk."""

    label = "disk"
    what = "the disk"

    @property
    def advice(self) -> str:
        return "a faster disk, more memory or fewer commits would make it faster"


@dataclass(frozen=True)
class PoolExhausted(Verdict):
    """Requests wait for a connection."""

    label = "pool"

    active: float
    """Connections that executed something, on average."""
    pool: int

    @property
    def consequence(self) -> Consequence:
        return Consequence.NOTE

    @property
    def seen(self) -> str:
        return f"{self.active:.1f} of its pool's {self.pool} connections were executing on average"

    @property
    def advice(self) -> str:
        return "try a larger pool: requests waited for a connection"


def verdicts(row: Row) -> Iterator[Verdict]:
    """Of one row. A pool that something else keeps is not what is too small."""
    if kept := [*_on_the_wire(row), *_in_postgres(row)]:
        yield from kept
    # A statement that waits for a core keeps its connection, and so does a service that does.
    elif not any(tiers_at_their_limits(row)):
        yield from _pool(row)


def _on_the_wire(row: Row) -> Iterator[Verdict]:
    latency_ms = row.run.latency_ms.get(row.scenario)
    counted = [one.link for one in row.slices if one.link]
    requests = sum(one.service_requests for one in counted)
    if not latency_ms or not requests:
        return
    round_trips = sum(one.round_trips for one in counted) / requests
    at_once = connections_at_once(row.run, row.variant) * row.service_hosts
    # By Little's law. What Postgres and the service do meanwhile does not count: only the wire's own time does.
    waiting = row.requests_per_second * round_trips * latency_ms / 1000
    if waiting >= MOSTLY * at_once:
        yield WaitsForRoundTrips(row.about, waiting, round_trips, latency_ms, at_once)


def _in_postgres(row: Row) -> Iterator[Verdict]:
    counted = [one.work for one in row.slices if one.work]
    in_use = _mean(one.active_connections for one in counted)
    for kind, waiting in (
        (WaitsForLocks, _mean(one.waiting_for_locks for one in counted)),
        (WaitsForDisk, _mean(one.waiting_for_disk for one in counted)),
    ):
        if waiting >= max(FEWEST_WAITING, MOSTLY * in_use):
            yield kind(row.about, waiting, in_use)


def _pool(row: Row) -> Iterator[Verdict]:
    active = _mean(one.work.active_connections for one in row.slices if one.work)
    pool = row.run.variants[row.variant].pool * row.service_hosts
    if active >= POOL_AT_LIMIT * pool:
        yield PoolExhausted(row.about, active, pool)


def _mean(counts: Iterable[float | None]) -> float:
    """Of those that are known; 0 where none is."""
    known = [count for count in counts if count is not None]
    return fmean(known) if known else 0.0
