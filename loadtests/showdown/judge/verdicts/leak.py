"""A service that keeps something of each request."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from showdown.judge.growth import REQUESTS, Growth, growth
from showdown.judge.rows import Row
from showdown.judge.verdicts.verdict import Consequence, Verdict
from showdown.stacks.records import TierUsage

CONTAINER_MIB = 512
MOST_WITH_DECIMALS = 100
# In a block, of what it held before: the more there is, the more an allocator keeps of what was freed.
LEAST_SHARE = 0.05
MEMORY = "MiB of memory"
UNITS = {"h": 3600.0, "min": 60.0, "s": 1.0}


@dataclass(frozen=True)
class Held:
    """Something that a service holds, and from when on it is a leak: a young process still fills pools and caches."""

    by: Callable[[TierUsage], float | None]
    least_slope: float
    """For each 1,000 requests, surely."""
    least_grown: float
    """In a block."""


HELD: Mapping[str, Held] = {
    MEMORY: Held(lambda usage: usage.peak_rss_mib, 1.0, 4.0),
    "file descriptors": Held(lambda usage: usage.peak_fds, 5.0, 10.0),
    "connections": Held(lambda usage: usage.peak_connections, 5.0, 10.0),
}


@dataclass(frozen=True)
class Leak(Verdict):
    """Its numbers hold for as long as it was measured; later it is slower, or dead."""

    slopes: tuple[tuple[str, Growth], ...]
    """What surely grows, and by how much for each 1,000 requests."""
    requests_per_second: float
    """That it was sent."""

    label = "leak"

    @property
    def consequence(self) -> Consequence:
        return Consequence.NOTE

    @property
    def seen(self) -> str:
        told = (
            f"{_figure(slope.value)} [{_figure(slope.low)}, {_figure(slope.high)}] {what}"
            for what, slope in self.slopes
        )
        return f"for each {REQUESTS:,} requests it keeps {', '.join(told)}{self._end}"

    @property
    def advice(self) -> str:
        return "find what is made for each request and never closed, such as a client; make one, and share it"

    @property
    def _end(self) -> str:
        memory = dict(self.slopes).get(MEMORY)
        if memory is None or memory.start >= CONTAINER_MIB:
            return ""
        ends = [(CONTAINER_MIB - memory.start) / slope * REQUESTS for slope in (memory.value, memory.high, memory.low)]
        requests, soonest, latest = map(_figure, ends)
        last, first, at_last = (_duration(each / self.requests_per_second) for each in ends)
        return (
            f"; by that line, extrapolated, a container of {CONTAINER_MIB} MiB is killed after {requests} "
            f"[{soonest}, {latest}] requests, at {self.requests_per_second:.3g} req/s after {last} [{first}, {at_last}]"
        )


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= MOST_WITH_DECIMALS else f"{value:.3g}"


def _duration(seconds: float) -> str:
    return next(
        f"{_figure(seconds / length)} {unit}" for unit, length in UNITS.items() if seconds >= length or unit == "s"
    )


def verdicts(row: Row) -> Iterator[Verdict]:
    """Of one row."""
    slopes = ((what, held, growth(row, held.by)) for what, held in HELD.items())
    grown = tuple(
        (what, slope)
        for what, held, slope in slopes
        if slope is not None
        and slope.low > held.least_slope
        and slope.grown > max(held.least_grown, LEAST_SHARE * slope.start)
    )
    if grown:
        yield Leak(row.about, grown, row.requests_per_second)
