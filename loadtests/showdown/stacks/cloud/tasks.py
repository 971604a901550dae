"""The tasks of several hosts as one, and what a tier costs according to their samples."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Self

from pydantic import BaseModel, ValidationError
from showdown_contract.errors import ShowdownError

from showdown.stacks.cloud.ssh import Task
from showdown.stacks.recorder import Sample, usage
from showdown.stacks.records import TierName, TierUsage


class TaskAnswer(BaseModel):
    """What an agent answers about work that it has watched."""

    samples: list[Sample]
    summary: dict[str, Any] | None = None
    """From a generator."""
    log: str = ""
    """From a service."""


class Tasks:
    """Tasks that run until the first of them has ended, or any of them has failed."""

    def __init__(self, name: str, tasks: Sequence[Task], *, endless: bool = False) -> None:
        """`endless`: whether they go on until they are let go; others end by themselves."""
        self.name = name
        self._tasks = tasks
        self._endless = endless
        self._answers: list[TaskAnswer] | None = None

    @property
    def first(self) -> Task:
        return self._tasks[0]

    @property
    def running(self) -> bool:
        return self.first.running and self.failed() is None

    def failed(self) -> Task | None:
        """One that has ended with an error, if any has."""
        return next((task for task in self._tasks if task.exit_code not in {None, 0}), None)

    @property
    def exit_code(self) -> int | None:
        return self._ended.exit_code

    def log_tail(self) -> str:
        return self._ended.log_tail()

    def how_it_ended(self, when: str = "") -> str:
        return self._ended.how_it_ended(when)

    def answers(self) -> list[TaskAnswer]:
        """Wait until all have ended, and return what each of them answered. Raises ShowdownError."""
        if self._answers is None:
            if self._endless:
                self._let_go()
            self._answers = [_read(task) for task in self._tasks]
        return self._answers

    def stop(self) -> None:
        if self._tasks and not self._endless and self.first.exit_code == 0:
            # The others are about to end, and their answers count.
            with suppress(ShowdownError):
                self.answers()
        # First let go of all, so that they end at the same time.
        self._let_go()
        for task in self._tasks:
            task.stop()

    def _let_go(self) -> None:
        for task in self._tasks:
            task.let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _ended(self) -> Task:
        """One that has failed, else the first."""
        return self.failed() or self.first


def tier(
    name: TierName, answers: Sequence[TaskAnswer], measured_from: float, measured_to: float, requests: int
) -> TierUsage:
    """What a tier cost on all of its hosts together."""
    tiers = [usage(answer.samples, name, measured_from, measured_to, requests) for answer in answers]
    cpu_us = [tier.cpu_us_per_request for tier in tiers if tier.cpu_us_per_request is not None]
    return TierUsage(
        cpu_us_per_request=sum(cpu_us) if cpu_us else None,
        peak_cpu_percent=sum(tier.peak_cpu_percent for tier in tiers),
        peak_rss_mib=sum(tier.peak_rss_mib for tier in tiers),
        peak_host_cpu_percent=max(tier.peak_cpu_percent for tier in tiers),
        peak_fds=_sum([tier.peak_fds for tier in tiers]),
        peak_connections=_sum([tier.peak_connections for tier in tiers]),
    )


def _read(task: Task) -> TaskAnswer:
    answer = task.answer()
    try:
        return TaskAnswer.model_validate(answer)
    except ValidationError as error:
        raise ShowdownError(
            f"{task.name} answered in a form that this version does not know: {error.errors()[0]['msg']}"
        ) from None


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
