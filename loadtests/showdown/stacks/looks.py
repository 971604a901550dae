"""What a tier used between two looks at it, and what it held then."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

from pydantic import BaseModel

from showdown.stacks.cpu_clock import cpu_seconds, machine_seconds, system_seconds
from showdown.stacks.records import TierUsage

MIB = 1024 * 1024
Number = TypeVar("Number", int, float)


@dataclass(frozen=True)
class Look:
    """The CPU time of a tree of processes, or of the whole machine, at one moment."""

    at: float
    cpu_seconds: float
    system_seconds: float | None = None
    """What of it the kernel used; None where nobody asked."""

    @classmethod
    def now(cls, root: int, *, split: bool = False) -> Self:
        """`split`: ask for the kernel's part, too, for which a file of each process is read."""
        before = time.time()
        seconds = cpu_seconds(root)
        at = (before + time.time()) / 2
        return cls(at, seconds, system_seconds(root) if split else None)

    @classmethod
    def of_machine(cls) -> Self:
        """Of all that runs on it."""
        return cls(time.time(), machine_seconds())


class Seen(BaseModel):
    """A tier on one host in one window."""

    cores: float
    """CPU seconds used in a second."""
    system_cores: float | None = None
    """What of these the kernel used; None where nobody asked."""
    rss_bytes: int
    fds: int | None
    connections: int | None


def cores(first: Look, last: Look) -> float:
    """CPU seconds used in a second: whoever looks a little late sees more or less than what counts, at one rate."""
    # A process whose parent has ended leaves the tree, and takes what it has used with it.
    return max(0.0, last.cpu_seconds - first.cpu_seconds) / (last.at - first.at) if last.at > first.at else 0.0


def system_cores(first: Look, last: Look) -> float | None:
    """What of cores() the kernel used; None where nobody asked."""
    if first.system_seconds is None or last.system_seconds is None:
        return None
    of_kernel = cores(Look(first.at, first.system_seconds), Look(last.at, last.system_seconds))
    # The kernel counts its own part in ticks, and so may say more than the whole.
    return min(of_kernel, cores(first, last))


def usage(hosts: Sequence[Seen], per_second: float) -> TierUsage:
    """What a tier cost on all of its hosts together, at so many requests per second."""
    used, of_kernel = [seen.cores for seen in hosts], _sum(seen.system_cores for seen in hosts)
    return TierUsage(
        cpu_us_per_request=us_per_request(sum(used), per_second),
        system_cpu_us_per_request=None if of_kernel is None else us_per_request(of_kernel, per_second),
        peak_cpu_percent=100 * sum(used),
        peak_host_cpu_percent=100 * max(used) if len(hosts) > 1 else None,
        peak_rss_mib=sum(seen.rss_bytes for seen in hosts) / MIB,
        peak_fds=_sum(seen.fds for seen in hosts),
        peak_connections=_sum(seen.connections for seen in hosts),
    )


def us_per_request(used: float, per_second: float) -> float | None:
    """Of so many cores, at so many requests per second."""
    return used * 1e6 / per_second if per_second else None


def _sum(counts: Iterable[Number | None]) -> Number | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
