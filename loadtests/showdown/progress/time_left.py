"""How long the rest of a run will take."""

import time
from collections.abc import Callable, Sequence

from showdown.measure.runner import SET_UP_SECONDS, Group

SECONDS_OF_MINUTE = 60
# Below this, seconds are told; above, they would only change.
TOLD_IN_SECONDS = 90


class TimeLeft:
    """The turns that are planned, and starting services, as long as that took so far."""

    def __init__(self, to_do: Sequence[Group], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._later = list(to_do)
        self._now: Group | None = None
        self._began = clock()
        self._set_ups: list[float] = []
        self._in_turns = False
        self._passed = 0.0
        """Of this group's turns."""
        self._over = 0.0
        """Seconds of groups that are over."""

    def on_group(self, group: Group) -> None:
        """A group begins: its services are started. One that was not planned may follow when all are over."""
        if self._now:
            self._over += self._clock() - self._began
        self._now, self._later = group, self._later[1:]
        self._began, self._in_turns, self._passed = self._clock(), False, 0.0

    def on_turn(self) -> None:
        """A turn begins: the services are up."""
        if not self._in_turns:
            self._set_ups.append(self._clock() - self._began)
        self._in_turns = True

    def on_seconds(self, passed: float) -> None:
        """So many seconds of turns are over."""
        self._passed += passed

    @property
    def seconds(self) -> float:
        """Of groups that are planned; nobody knows how many more --until will add."""
        rest = sum(self._set_up_seconds + group.seconds for group in self._later)
        if self._now is None:
            return rest
        set_up = 0.0 if self._in_turns else max(0.0, self._set_up_seconds - (self._clock() - self._began))
        return rest + set_up + max(0.0, self._now.seconds - self._passed)

    @property
    def share_done(self) -> float:
        """From 0 to 1."""
        done = self._over + (self._clock() - self._began if self._now else 0.0)
        return done / (done + self.seconds) if done else 0.0

    @property
    def _set_up_seconds(self) -> float:
        return sum(self._set_ups) / len(self._set_ups) if self._set_ups else SET_UP_SECONDS


def told(seconds: float) -> str:
    """As exact as it is known: 40 s, or 3 min."""
    return f"{seconds:.0f} s" if seconds < TOLD_IN_SECONDS else f"{seconds / SECONDS_OF_MINUTE:.0f} min"
