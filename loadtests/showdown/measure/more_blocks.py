"""`run --until`: adds blocks to a run until it is precise enough, or the time is over."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from showdown.measure.plan import Until
from showdown.measure.results import Run
from showdown.measure.runner import Group
from showdown.requests.scenarios import MOST_BLOCKS


def no_more(_: Run) -> list[Group]:
    """Of a run that has as many blocks as its profile says."""
    return []


@dataclass
class MoreBlocks:
    """Called when all blocks so far are over, with the run that they gave; says what the next one is to do."""

    until: Until
    is_enough: Callable[[Run], bool]
    planned: Callable[[Run], list[Group]]
    """What is still to be measured of a run."""
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._start = self._last = self.clock()
        self._longest = 0.0

    def __call__(self, run: Run) -> list[Group]:
        """Nothing where enough is known, or the next block would not end in time."""
        if self.is_enough(run) or run.finished_blocks == MOST_BLOCKS or self._is_over() or _gave_nothing(run):
            return []
        run.profile.blocks = run.finished_blocks + 1
        return self.planned(run)

    def _is_over(self) -> bool:
        """The next block takes as long as the longest so far."""
        now = self.clock()
        self._longest, self._last = max(self._longest, now - self._last), now
        return now - self._start + self._longest > self.until.most_minutes * 60


def _gave_nothing(run: Run) -> bool:
    """Whether the last block has no slice: the next one would hardly have any."""
    return run.finished_blocks > 0 and not any(each.block == run.finished_blocks for each in run.slices)
