"""The moments of each turn of a block, fixed before the first turn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from showdown.generators import pgbench
from showdown.generators.latencies import merged, percentile_ms
from showdown.generators.timetable import SETTLE_SECONDS, TAIL_SECONDS
from showdown.measure.results import Slice
from showdown.measure.schedule import CEILING, WARM_UP, Turn
from showdown.requests.scenarios import Profile

# In the end of a turn, what is still under way is waited for: otherwise it would take from the next one's. For as long
# as an answer takes, which is known from earlier blocks. In the first block those of a warm-up are the slowest.
FIRST_WARM_UP_DRAIN_SECONDS, FIRST_DRAIN_SECONDS, LEAST_DRAIN_SECONDS, MOST_DRAIN_SECONDS = 0.8, 0.5, 0.1, 3.0
SLOW_PERCENTILE, MARGIN = 99, 1.25
# Then nothing is under way, for so long: the moment to count what the database and haproxy have done.
QUIET_SECONDS = 0.1

Drains: TypeAlias = Mapping[tuple[str, str], float]
"""By variant and scenario, how many seconds its last answers take."""


@dataclass(frozen=True)
class Slot:
    """A turn, and when it is. All moments are in seconds since 1970."""

    turn: Turn
    start: float
    counted_from: float
    counted_to: float
    left_at: float
    """From here on nothing of it is under way."""

    @property
    def over(self) -> float:
        """When the next one can start."""
        return self.left_at + QUIET_SECONDS

    def looks(self, count: int) -> list[float]:
        """So many moments, evenly over what counts and none at its ends."""
        step = (self.counted_to - self.counted_from) / count
        return [self.counted_from + (number + 0.5) * step for number in range(count)]


def slots(turns: Sequence[Turn], start: float, profile: Profile, drains: Drains, connections: int) -> list[Slot]:
    """All turns of a block, one after the other. `connections`: pgbench's."""
    found = []
    pgbench_start_seconds = pgbench.start_seconds(connections)
    for turn in turns:
        counted = profile.warm_up_seconds if turn.lap == WARM_UP else profile.slice_seconds
        if turn.contender == CEILING:
            counted_from = start + pgbench_start_seconds + SETTLE_SECONDS
            runs_for = pgbench.run_seconds(counted, connections)
            left_at = start + pgbench_start_seconds + runs_for + pgbench.END_SECONDS
        else:
            counted_from = start + SETTLE_SECONDS
            first = FIRST_WARM_UP_DRAIN_SECONDS if turn.lap == WARM_UP else FIRST_DRAIN_SECONDS
            drain = drains.get((turn.contender, turn.scenario), first)
            left_at = counted_from + counted + TAIL_SECONDS + drain
        slot = Slot(turn, start, counted_from, counted_from + counted, left_at)
        found.append(slot)
        start = slot.over
    return found


def drains(slices: Iterable[Slice]) -> Drains:
    """How long slow answers have taken so far."""
    histograms: dict[tuple[str, str], list[str]] = {}
    for slice_ in slices:
        histograms.setdefault((slice_.variant, slice_.scenario), []).append(slice_.histogram)
    return {key: _drain(percentile_ms(merged(texts), SLOW_PERCENTILE) or 0.0) for key, texts in histograms.items()}


def _drain(milliseconds: float) -> float:
    return min(max(LEAST_DRAIN_SECONDS, MARGIN * milliseconds / 1000), MOST_DRAIN_SECONDS)
