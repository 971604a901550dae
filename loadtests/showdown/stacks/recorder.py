"""Watches the tiers while they are loaded: CPU, memory, open files and connections, once a second."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from showdown.stacks.records import TierName, TierUsage

INTERVAL_SECONDS = 1.0
MIB = 1024 * 1024


@dataclass(frozen=True)
class TierSample:
    """A tier at one moment: sums over its processes."""

    cpu_seconds: float
    """Since its root process started, including that of ended children, which the root inherits."""
    rss_bytes: int
    fds: int | None
    connections: int | None


@dataclass(frozen=True)
class Sample:
    """All tiers at one moment."""

    at: float
    """Seconds since 1970."""
    tiers: dict[TierName, TierSample]
    database_connections: int


class Recorder:
    """Samples in a thread of its own from __enter__ to __exit__."""

    def __init__(self, roots: Mapping[TierName, int], count_database_connections: Callable[[], int]) -> None:
        """`roots`: each tier's root process."""
        self._roots = roots
        self._count = count_database_connections
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
        """In order of time; complete after __exit__. Raises the exception that stopped the thread, if any."""
        if self._error:
            raise self._error
        return self._samples

    def _sample_until_stopped(self) -> None:
        due = time.monotonic()
        try:
            while True:
                self._samples.append(self._sample())
                due += INTERVAL_SECONDS
                if self._stop.wait(max(0.0, due - time.monotonic())):
                    self._samples.append(self._sample())
                    return
        except Exception as error:  # noqa: BLE001 - raised again by whoever reads the samples
            self._error = error

    def _sample(self) -> Sample:
        connections = _connections_by_process()
        return Sample(
            at=time.time(),
            tiers={tier: _sample_tree(root, connections) for tier, root in self._roots.items()},
            database_connections=self._count(),
        )


def write_samples(samples: list[Sample], path: Path) -> None:
    """Write the samples to a file, so that peaks and stalls can be looked up."""
    path.write_text("".join(json.dumps(asdict(sample)) + "\n" for sample in samples))


def usage(samples: list[Sample], tier: TierName, measured_from: float, measured_to: float, requests: int) -> TierUsage:
    """What a tier cost between two moments, divided by the requests that it served then.

    CPU time at a moment between two samples is interpolated, so the load must be steady around it;
    if the tier ended before `measured_to`, its last second is assumed to be like the others.
    """
    alive = [sample for sample in samples if sample.tiers[tier].rss_bytes] or samples[-1:]
    within = [s for s in alive if measured_from <= s.at <= measured_to] or alive[-1:]
    tiers = [sample.tiers[tier] for sample in within]
    rates = [
        (later.tiers[tier].cpu_seconds - earlier.tiers[tier].cpu_seconds) / (later.at - earlier.at)
        for earlier, later in pairwise(alive)
        if later.at > measured_from and earlier.at < measured_to and later.at - earlier.at > INTERVAL_SECONDS / 2
    ]
    cpu_seconds = _cpu_seconds(alive, tier, max(measured_from, samples[0].at), min(measured_to, samples[-1].at))
    return TierUsage(
        # A process whose parent has ended leaves the tree, and its CPU time with it.
        cpu_us_per_request=max(0.0, cpu_seconds) * 1e6 / requests if requests else None,
        peak_cpu_percent=max([0.0, *rates]) * 100,
        peak_rss_mib=max(sample.rss_bytes for sample in tiers) / MIB,
        peak_fds=_most(sample.fds for sample in tiers),
        peak_connections=_most(sample.connections for sample in tiers),
    )


def usages(samples: list[Sample], measured_from: float, measured_to: float, requests: int) -> dict[TierName, TierUsage]:
    """The usage of each tier that was sampled."""
    return {tier: usage(samples, tier, measured_from, measured_to, requests) for tier in samples[0].tiers}


def _cpu_seconds(alive: list[Sample], tier: TierName, measured_from: float, measured_to: float) -> float:
    """CPU time between two moments, from the samples in which the tier was running."""
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


def _most(counts: Iterable[int | None]) -> int | None:
    return max((count for count in counts if count is not None), default=None)


def _connections_by_process() -> Counter[int | None] | None:
    """Established TCP connections by process; None if only root can see them (macOS)."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return None
    return Counter(connection.pid for connection in connections if connection.status == psutil.CONN_ESTABLISHED)


def _sample_tree(root: int, connections: Counter[int | None] | None) -> TierSample:
    """Sum over a process and its descendants; those that end meanwhile are left out."""
    cpu_seconds, rss_bytes, fds = 0.0, 0, 0
    fds_known, pids = True, []
    for process in _tree(root):
        try:
            with process.oneshot():
                times = process.cpu_times()
                memory = process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
        # children_* is the time of ended children; running ones are in the tree themselves.
        cpu_seconds += times.user + times.system + times.children_user + times.children_system
        rss_bytes += memory
        pids.append(process.pid)
        try:
            fds += process.num_fds()
        except psutil.NoSuchProcess:
            continue
        except psutil.AccessDenied:
            fds_known = False
    return TierSample(
        cpu_seconds=cpu_seconds,
        rss_bytes=rss_bytes,
        fds=fds if fds_known else None,
        connections=None if connections is None else sum(connections[pid] for pid in pids),
    )


def _tree(root: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(root)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
