"""What a tier used between two looks at it, and what it held then."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel

from showdown.stacks.cpu_clock import cpu_seconds
from showdown.stacks.records import TierUsage

MIB = 1024 * 1024


@dataclass(frozen=True)
class Look:
    """The CPU time of a tree of processes at one moment."""

    at: float
    cpu_seconds: float

    @classmethod
    def now(cls, root: int) -> Self:
        before = time.time()
        seconds = cpu_seconds(root)
        return cls((before + time.time()) / 2, seconds)


class Seen(BaseModel):
    """A tier on one host in one window."""

    cores: float
    """CPU seconds used in a second."""
    rss_bytes: int
    fds: int | None
    connections: int | None


def cores(first: Look, last: Look) -> float:
    """CPU seconds used in a second: whoever looks a little late sees more or less than what counts, at one rate."""
    # A process whose parent has ended leaves the tree, and takes what it has used with it.
    return max(0.0, last.cpu_seconds - first.cpu_seconds) / (last.at - first.at) if last.at > first.at else 0.0


def usage(hosts: Sequence[Seen], per_second: float) -> TierUsage:
    """What a tier cost on all of its hosts together, at so many requests per second."""
    used = [seen.cores for seen in hosts]
    return TierUsage(
        cpu_us_per_request=sum(used) * 1e6 / per_second if per_second else None,
        peak_cpu_percent=100 * sum(used),
        peak_host_cpu_percent=100 * max(used) if len(hosts) > 1 else None,
        peak_rss_mib=sum(seen.rss_bytes for seen in hosts) / MIB,
        peak_fds=_sum(seen.fds for seen in hosts),
        peak_connections=_sum(seen.connections for seen in hosts),
    )


def _sum(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
