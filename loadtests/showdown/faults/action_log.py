"""What was done to a stack, when, to which process, and by what it shows that it was done."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from showdown_contract.errors import ShowdownError

from showdown.types import Amount, Count, Line, Record

EFFECT_SECONDS = 10.0
POLL_SECONDS = 0.01


class NoEffectError(ShowdownError):
    """Something was done, and nothing shows it: whatever was seen meanwhile, it was not this fault."""


class Done(Record):
    """One line of the log."""

    at_seconds: Amount
    """After the first request was due."""
    pid: Count | None
    """Of the process to which it was done; None where it was done to none."""
    action: Line
    effect: Line
    """As it was found in the table of processes, in Postgres, or where else it must show."""


@dataclass
class ActionLog:
    """Written while a fault is caused."""

    start: float
    """When the first request is due, in seconds since 1970."""
    lines: list[Done] = field(default_factory=list)

    def did(self, action: str, pid: int | None, effect: str, at: float) -> None:
        """Write a line. `at`: the moment at which it was done, in seconds since 1970."""
        self.lines.append(Done(at_seconds=max(0.0, at - self.start), pid=pid, action=action, effect=effect))


def confirm(what: str, is_so: Callable[[], object], seconds: float | None = None) -> None:
    """Return once something shows, within EFFECT_SECONDS if not given. Raises NoEffectError."""
    seconds = EFFECT_SECONDS if seconds is None else seconds
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise NoEffectError(f"not seen within {seconds:g} s: {what}")
        time.sleep(POLL_SECONDS)
