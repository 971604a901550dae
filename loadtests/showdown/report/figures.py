"""What stands in a cell: a number, with its interval where it has one."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from showdown.judge.intervals import Estimate

UNKNOWN = "–"
# From here on, tenths of a millisecond are noise.
WHOLE_FROM_MS = 100
# From here on, tenths of a percent are noise.
WHOLE_PERCENT_FROM = 0.0995
# As wide as "±9.9%", so that numbers stand below each other.
MARGIN_WIDTH = 6


@dataclass(frozen=True)
class Figure:
    """A number and, where blocks tell how far it may be off, its interval."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def margin(self) -> float | None:
        """How far the interval reaches up, as a share of the value; it reaches a little less far down."""
        return self.high / self.value - 1 if self.high is not None and self.value else None


def figure(estimate: Estimate) -> Figure:
    """An estimate's value and interval."""
    return Figure(estimate.value, *estimate.interval)


def compact(of: Figure, shown: Callable[[float], str]) -> str:
    """Short enough for a terminal: "3,444 ±3.1%"."""
    margin = UNKNOWN if of.margin is None else f"±{percent(of.margin)}"
    return f"{shown(of.value)}{margin.rjust(MARGIN_WIDTH)}"


def full(of: Figure, shown: Callable[[float], str]) -> str:
    """With both ends of the interval: "3,444 [3,340–3,551]"."""
    if of.low is None or of.high is None:
        return shown(of.value)
    return f"{shown(of.value)} [{shown(of.low)}–{shown(of.high)}]"


def difference(of: Figure, shown: Callable[[float], str]) -> str:
    """Of what may be less than zero, where a share of it says nothing: "0.02 [−0.1, 0.14]"."""
    if of.low is None or of.high is None:
        return shown(of.value)
    return f"{shown(of.value)} [{shown(of.low)}, {shown(of.high)}]"


def percent(share: float) -> str:
    """0.031 is 3.1%, and 0.31 is 31%."""
    return f"{share:.0%}" if share >= WHOLE_PERCENT_FROM else f"{share:.1%}"


def whole(value: float) -> str:
    return f"{value:,.0f}"


def tenths(value: float) -> str:
    return f"{value:,.1f}"


def three_digits(value: float) -> str:
    """A ratio to three digits: 0.238, 1.17, 21.6, 117; a small one to two: 0.024, 0.0073."""
    digits = 4 if 0 < value < 0.00995 else 3 if value < 0.9995 else 2 if value < 9.995 else 1 if value < 99.95 else 0  # noqa: PLR2004 - where digits change
    return f"{value:,.{digits}f}"


def signed(value: float) -> str:
    """What may be less than zero: −0.12, 2.4, 3,006."""
    digits = 2 if abs(value) < 0.995 else 1 if abs(value) < 9.95 else 0  # noqa: PLR2004 - where digits change
    # 0 has no sign.
    return f"{round(value, digits) + 0.0:,.{digits}f}".replace("-", "−")


def hundredths(value: float) -> str:
    """What may be less than zero, and is near to 0 or 1: −0.02, 0.98."""
    # 0 has no sign.
    return f"{round(value, 2) + 0.0:,.2f}".replace("-", "−")


def milliseconds(value: float) -> str:
    return whole(value) if value >= WHOLE_FROM_MS else tenths(value)


def wrapped(heading: str, width: int) -> str:
    """In lines that are no wider than the column's cells, or than its longest word."""
    return textwrap.fill(heading, max(width, *map(len, heading.split())), break_long_words=False)
