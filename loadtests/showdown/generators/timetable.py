"""What is to be loaded when: fixed before the first request, and followed by the clock.

Whoever loads asks the clock which entry is under way. So nothing has to be told in mid-load, and several hosts keep
step as long as their clocks agree.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter
from showdown_contract.lookup import Lookup

from showdown.files import replace_file
from showdown.generators.arrivals import Pattern, moments

# After an entry's start until its requests count: users come at once, and the first answers are not like the others.
SETTLE_SECONDS = 0.1
# From the end of what counts to the entry's end: whoever reads a clock a little late still reads it under load.
TAIL_SECONDS = 0.05


@dataclass(frozen=True)
class Entry:
    """One target for a while. All moments are in seconds since 1970."""

    start: float
    counted_from: float
    counted_to: float
    end: float
    """From here on no request is sent."""
    left_at: float
    """From here on nobody waits for an answer."""
    url: str
    scenario: str
    users: int
    """How many requests are under way at a time."""
    seed: str
    """What is drawn is the same for the same seed."""
    lookup: Lookup = "by-id"
    """Which recipe the service answers."""
    rate: float | None = None
    """Requests per second that arrive whether or not those before are answered; None: users ask without a pause."""
    pattern: Pattern = "constant"
    """How they arrive."""
    is_overload: bool = False
    """Whether more may be asked than can be sent: what counts is when requests are sent, and not when they were due.
    Users who were refused wait as long as Retry-After says."""
    window_seconds: float | None = None
    """Count what arrives in windows of this length, too."""

    def moments(self, share: tuple[int, int] = (0, 1)) -> Iterator[float]:
        """Of an entry with a rate: when its requests are due. `share`: of which of how many processes."""
        return moments(self.start, self.end, self.rate or 0.0, self.pattern, self.seed, share)


Timetable = Sequence[Entry]
TIMETABLE = TypeAdapter(list[Entry])


def write_timetable(path: Path, timetable: Timetable) -> None:
    """For whoever waits for it: nobody sees half of one."""
    replace_file(path, TIMETABLE.dump_json(list(timetable)).decode())
