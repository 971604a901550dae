"""The tasks of several hosts as one thing that runs."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Self

from pydantic import BaseModel, ValidationError
from showdown_contract.errors import ShowdownError

from showdown.stacks.cloud.ssh import Task
from showdown.stacks.looks import Seen


class TaskAnswer(BaseModel):
    """What an agent answers at the end of its work."""

    seen: list[Seen] = []
    """What a tier of its host has cost, window by window."""
    summary: dict[str, Any] | None = None
    """From the master of Locust."""
    summaries: list[dict[str, Any]] = []
    """From pgbench."""
    answers: list[list[str]] = []
    """From haproxy."""
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
                self.let_go()
            self._answers = [_read(task) for task in self._tasks]
        return self._answers

    def wait_until_ready(self) -> None:
        """Return once all say so. Raises ShowdownError."""
        for task in self._tasks:
            task.wait_until_ready()

    def tell(self, what: Any) -> None:
        """Send all of them another line of JSON."""
        for task in self._tasks:
            task.tell(what)

    def let_go(self) -> None:
        """Tell all that they are not wanted any more; they go on to their end."""
        for task in self._tasks:
            task.let_go()

    def stop(self) -> None:
        if self._tasks and not self._endless and self.first.exit_code == 0:
            # The others are about to end, and their answers count.
            with suppress(ShowdownError):
                self.answers()
        # First let go of all, so that they end at the same time.
        self.let_go()
        for task in self._tasks:
            task.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _ended(self) -> Task:
        """One that has failed, else the first."""
        return self.failed() or self.first


def _read(task: Task) -> TaskAnswer:
    answer = task.answer()
    try:
        return TaskAnswer.model_validate(answer)
    except ValidationError as error:
        raise ShowdownError(
            f"{task.name} answered in a form that this version does not know: {error.errors()[0]['msg']}"
        ) from None
