"""Numbers as all exports have them."""

from typing import Annotated

from pydantic import AfterValidator, Field

from showdown.judge.intervals import Estimate
from showdown.report.figures import Figure
from showdown.types import Record

# More is noise of the last bit, which is not the same on every machine.
DIGITS = 9


def rounded(number: float) -> float:
    """To as many digits as mean anything."""
    return float(f"{number:.{DIGITS}g}")


Number = Annotated[float, AfterValidator(rounded), Field(allow_inf_nan=False)]


class Value(Record):
    """A number and, where blocks tell how far it may be off, its interval."""

    value: Number
    low: Number | None = None
    high: Number | None = None


def of_figure(figure: Figure | None) -> Value | None:
    return Value(value=figure.value, low=figure.low, high=figure.high) if figure else None


def of_estimate(estimate: Estimate) -> Value:
    low, high = estimate.interval
    return Value(value=estimate.value, low=low, high=high)
