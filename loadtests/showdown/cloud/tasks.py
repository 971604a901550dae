"""Several hosts' tasks as one thing that runs, and their samples as what a tier costs."""

from collections.abc import Sequence
from typing import Any, Self

from pydantic import TypeAdapter

from showdown.cloud.ssh import Task
from showdown.results import Tier, TierName
from showdown.run.recorder import Sample, usage

SAMPLES = TypeAdapter(list[Sample])


class Tasks:
    """Run until the first one has ended, or any has failed."""

    def __init__(self, name: str, tasks: Sequence[Task]) -> None:
        self.name = name
        self._tasks = tasks
        self._answers: list[Any] | None = None

    @property
    def first(self) -> Task:
        return self._tasks[0]

    @property
    def running(self) -> bool:
        return self.first.running and self.failed() is None

    def failed(self) -> Task | None:
        """One that has ended otherwise than it should."""
        return next((task for task in self._tasks if task.exit_code not in {None, 0}), None)

    @property
    def exit_code(self) -> int | None:
        return self._ended.exit_code

    def log_tail(self) -> str:
        return self._ended.log_tail()

    def how_it_ended(self, when: str = "") -> str:
        return self._ended.how_it_ended(when)

    def answers(self) -> list[Any]:
        """What each answered at its end, which comes now if it has not come yet. Raises ShowdownError."""
        if self._answers is None:
            self._answers = [task.finish() for task in self._tasks]
        return self._answers

    def stop(self) -> None:
        for task in self._tasks:
            task.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _ended(self) -> Task:
        """The one that failed, else the first."""
        return self.failed() or self.first


def tier(name: TierName, answers: Sequence[Any], measured_from: float, measured_to: float, requests: int) -> Tier:
    """What a tier cost on all of its hosts together; `answers`: each host's samples."""
    tiers = [usage(SAMPLES.validate_python(samples), name, measured_from, measured_to, requests) for samples in answers]
    cpu_us = [tier.cpu_us_per_request for tier in tiers if tier.cpu_us_per_request is not None]
    return Tier(
        cpu_us_per_request=sum(cpu_us) if cpu_us else None,
        peak_cpu_percent=sum(tier.peak_cpu_percent for tier in tiers),
        peak_rss_mib=sum(tier.peak_rss_mib for tier in tiers),
        peak_fds=_sum([tier.peak_fds for tier in tiers]),
        peak_connections=_sum([tier.peak_connections for tier in tiers]),
    )


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
