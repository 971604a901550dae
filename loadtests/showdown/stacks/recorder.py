"""Watches the tiers while they are loaded: CPU, memory, open files and connections, once a second."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from showdown.stacks.footprint import Footprint, footprints
from showdown.stacks.records import TierName

INTERVAL_SECONDS = 1.0


@dataclass(frozen=True)
class Sample:
    """All tiers at one moment."""

    at: float
    """Seconds since 1970."""
    tiers: dict[TierName, Footprint]


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
        """Nearly in order of time; complete after __exit__. Raises the exception that stopped the thread, if any."""
        if self._error:
            raise self._error
        return self._samples

    def require_since(self, moment: float) -> None:
        """Sample now, if there was no sample since that moment: a short slice may lie between two."""
        if not self._samples or self._samples[-1].at < moment:
            self._samples.append(self._sample())

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
        return Sample(time.time(), footprints(self._roots()))


def write_samples(samples: Sequence[Sample], path: Path) -> None:
    """Keep what was seen, so that a peak or a stall can be looked up."""
    path.write_text("".join(json.dumps(asdict(sample)) + "\n" for sample in samples))


def most(counts: Iterable[int | None]) -> int | None:
    """The largest of those that are known."""
    return max((count for count in counts if count is not None), default=None)
