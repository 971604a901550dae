"""When each turn of a block is, fixed before the first."""

from collections.abc import Sequence
from dataclasses import dataclass

from showdown.generators import pgbench
from showdown.generators.timetable import (
    LEAVE_SECONDS,
    SETTLE_SECONDS,
    entry_seconds,
)
from showdown.measure.schedule import CEILING, WARM_UP, Turn


@dataclass(frozen=True)
class Slot:
    """A turn, and when it is. All moments are in seconds since 1970."""

    turn: Turn
    start: float
    counted_from: float
    counted_to: float
    over: float
    """When the next one can start."""

    @property
    def looked_at(self) -> float:
        """When nobody asks any more of the one before."""
        return self.start - LEAVE_SECONDS


def turn_seconds(turn: Turn, counted_seconds: float) -> float:
    """From the start of a turn to that of the next."""
    if turn.contender == CEILING:
        return pgbench.START_SECONDS + pgbench.run_seconds(counted_seconds) + pgbench.END_SECONDS
    return entry_seconds(counted_seconds)


def slots(turns: Sequence[Turn], start: float, slice_seconds: float, warm_up_seconds: float) -> list[Slot]:
    """All turns of a block, one after the other."""
    found = []
    for turn in turns:
        counted = warm_up_seconds if turn.lap == WARM_UP else slice_seconds
        counted_from = start + SETTLE_SECONDS + (pgbench.START_SECONDS if turn.contender == CEILING else 0)
        over = start + turn_seconds(turn, counted)
        found.append(Slot(turn, start, counted_from, counted_from + counted, over))
        start = over
    return found
