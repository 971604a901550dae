"""Watches the tiers while they are loaded: CPU, memory, open files and connections, once a second."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

from showdown.stacks.cpu_clock import cpu_seconds
from showdown.stacks.footprint import Footprint, footprints
from showdown.stacks.records import TierName, TierUsage

INTERVAL_SECONDS = 1.0
MIB = 1024 * 1024
# What is used within less says nothing of a rate.
SHORTEST_SECONDS = 0.5


@dataclass(frozen=True)
class TierSample:
    """A tier at one moment: sums over its processes."""

    cpu_seconds: float
    """Since its root process started; that of ended children included, for the root inherits it."""
    rss_bytes: int
    fds: int | None
    connections: int | None


@dataclass(frozen=True)
class Sample:
    """All tiers at one moment."""

    at: float
    """Seconds since 1970."""
    tiers: dict[TierName, TierSample]


class Recorder:
    """Samples in a thread of its own from __enter__ to __exit__."""

    def __init__(self, roots: Callable[[], Mapping[TierName, int]], interval_seconds: float = INTERVAL_SECONDS) -> None:
        """`roots`: each tier's root process, asked at each sample."""
        self._roots = roots
        self._interval = interval_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample_until_stopped, name="recorder", daemon=True)
        self._samples: list[Sample] = []
        self._error: Exception | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def samples(self) -> list[Sample]:
        """In order of time; complete after __exit__. Raises what kept the thread from taking them."""
        if self._error:
            raise self._error
        return self._samples

    def _sample_until_stopped(self) -> None:
        due = time.monotonic()
        try:
            while True:
                self._samples.append(self._sample())
                due += self._interval
                if self._stop.wait(max(0.0, due - time.monotonic())):
                    self._samples.append(self._sample())
                    return
        except Exception as error:  # noqa: BLE001 - raised again by whoever reads the samples
            self._error = error

    def _sample(self) -> Sample:
        roots = self._roots()
        at = time.time()
        used = {tier: cpu_seconds(root) for tier, root in roots.items()}
        held = footprints(roots)
        return Sample(at, {tier: _tier_sample(used[tier], held[tier]) for tier in roots})


def _tier_sample(used: float, held: Footprint) -> TierSample:
    return TierSample(used, held.rss_bytes, held.fds, held.connections)


def write_samples(samples: Sequence[Sample], path: Path) -> None:
    """Keep what was seen, so that a peak or a stall can be looked up."""
    path.write_text("".join(json.dumps(asdict(sample)) + "\n" for sample in samples))


def usage(samples: list[Sample], tier: TierName, measured_from: float, measured_to: float, requests: int) -> TierUsage:
    """What a tier cost between two moments, divided by the requests that it served then.

    CPU time at a moment between two samples is interpolated, so the load has to be steady around it;
    where the tier itself ended before `measured_to`, its last second is taken to be like the others.
    """
    alive = [sample for sample in samples if sample.tiers[tier].rss_bytes] or samples[-1:]
    within = [s for s in alive if measured_from <= s.at <= measured_to] or alive[-1:]
    tiers = [sample.tiers[tier] for sample in within]
    rates = [
        (later.tiers[tier].cpu_seconds - earlier.tiers[tier].cpu_seconds) / (later.at - earlier.at)
        for earlier, later in pairwise(alive)
        if later.at > measured_from and earlier.at < measured_to and later.at - earlier.at > SHORTEST_SECONDS
    ]
    cpu_seconds = _cpu_seconds(alive, tier, max(measured_from, samples[0].at), min(measured_to, samples[-1].at))
    return TierUsage(
        # A process whose parent has ended leaves the tree, and takes what it has used with it.
        cpu_us_per_request=max(0.0, cpu_seconds) * 1e6 / requests if requests else None,
        peak_cpu_percent=max([0.0, *rates]) * 100,
        peak_rss_mib=max(sample.rss_bytes for sample in tiers) / MIB,
        peak_fds=most(sample.fds for sample in tiers),
        peak_connections=most(sample.connections for sample in tiers),
    )


def usages(samples: list[Sample], measured_from: float, measured_to: float, requests: int) -> dict[TierName, TierUsage]:
    """The usage of each tier that was sampled."""
    return {tier: usage(samples, tier, measured_from, measured_to, requests) for tier in samples[0].tiers}


def _cpu_seconds(alive: list[Sample], tier: TierName, measured_from: float, measured_to: float) -> float:
    """CPU time between two moments, from the samples in which the tier was there."""
    times = [sample.at for sample in alive]
    values = [sample.tiers[tier].cpu_seconds for sample in alive]
    start, end = max(measured_from, times[0]), min(measured_to, times[-1])
    if end <= start:
        return 0.0
    seen = _interpolated(times, values, end) - _interpolated(times, values, start)
    return seen * (measured_to - measured_from) / (end - start)


def _interpolated(times: list[float], values: list[float], at: float) -> float:
    """The value at a moment, on the straight line between the samples around it."""
    for (earlier, value), (later, next_value) in pairwise(zip(times, values, strict=True)):
        if earlier <= at <= later and later > earlier:
            return value + (next_value - value) * (at - earlier) / (later - earlier)
    return values[0] if at < times[0] else values[-1]


def most(counts: Iterable[int | None]) -> int | None:
    """The largest of those that are known."""
    return max((count for count in counts if count is not None), default=None)
