"""Several hosts' tasks as one thing that runs."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Self

from pydantic import BaseModel, ValidationError
from showdown_contract.errors import ShowdownError

from showdown.stacks.cloud.ssh import Task
from showdown.stacks.looks import Seen


class Answer(BaseModel):
    """What an agent says at the end of its work."""

    seen: list[Seen] = []
    """What a tier of its host has cost, window by window."""
    summary: dict[str, Any] | None = None
    """A Locust master's."""
    summaries: list[dict[str, Any]] = []
    """pgbench's."""
    answers: list[list[str]] = []
    """haproxy's."""
    log: str = ""
    """A service's."""


class Tasks:
    """Run until the first one has ended, or any has failed."""

    def __init__(self, name: str, tasks: Sequence[Task], *, endless: bool = False) -> None:
        """`endless`: they go on until they are let go of; others end by themselves."""
        self.name = name
        self._tasks = tasks
        self._endless = endless
        self._answers: list[Answer] | None = None

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

    def answers(self) -> list[Answer]:
        """What each answered at its end, which comes now if it has not come yet. Raises ShowdownError."""
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
            # The others are about to end, and what they say then counts.
            with suppress(ShowdownError):
                self.answers()
        # Of all first, so that they end at the same time.
        self.let_go()
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


def _read(task: Task) -> Answer:
    answer = task.answer()
    try:
        return Answer.model_validate(answer)
    except ValidationError as error:
        raise ShowdownError(
            f"{task.name} answered otherwise than this version does: {error.errors()[0]['msg']}"
        ) from None
