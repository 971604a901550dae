"""Answers that are worked out once, among questions that may lead back to themselves."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Memo(Generic[Answer]):
    """Without it, following names through names would take time that grows by a power of their number."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, Answer | None] = {}

    def of(self, question: Hashable, work_out: Callable[[], Answer | None]) -> Answer | None:
        """The answer to a question; None while it is being worked out, so that a circle ends."""
        if question not in self._answers:
            self._answers[question] = None
            self._answers[question] = work_out()
        return self._answers[question]
