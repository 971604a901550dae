"""What a sweep is asked for: pool=2,5,10."""

from dataclasses import dataclass

from showdown_contract.errors import ShowdownError

from showdown.measure.sweeps import FIELDS, MOST_POINTS
from showdown.requests.latency import parsed_latency
from showdown.types import MOST_COUNT

FORM = "say a knob or users, rows, latency or size, and its values: pool=2,5,10"
FEWEST_POINTS = 2
# Of the load, of what is asked, of the way to Postgres, in ms, and of the data set. All others are knobs of variants.
USERS, ROWS, LATENCY, SIZE = "users", "rows", "latency", "size"
# Each value is a scenario of its own, in one run.
OF_SCENARIOS = frozenset({ROWS, LATENCY})
# What a stack is started with: each value is a run of its own.
OF_THE_STACK = frozenset({SIZE})
COUNTS = frozenset({USERS, ROWS, *OF_THE_STACK, *(name for name, kind in FIELDS.items() if kind is int)})
NUMBERS = frozenset({LATENCY, *COUNTS})


@dataclass(frozen=True)
class Asked:
    """A parameter and its values: numbers grow, words are in the order in which they were named."""

    parameter: str
    values: list[str]

    @property
    def numbers(self) -> list[int]:
        """Only of parameters that are COUNTS."""
        return [int(value) for value in self.values]


def parsed(text: str) -> Asked:
    """Raises ShowdownError."""
    parameter, equals, rest = (part.strip() for part in text.partition("="))
    values = [value.strip() for value in rest.split(",")]
    if not parameter or not equals or not all(values):
        raise ShowdownError(f"{text!r} is no sweep: {FORM}")
    if not text.isprintable():
        raise ShowdownError(f"{text!r} has characters that cannot be shown: no value of a sweep has such")
    if parameter in NUMBERS:
        values = [f"{number:.15g}" for number in sorted(_number(parameter, value) for value in values)]
    if twice := next((value for value in values if values.count(value) > 1), None):
        raise ShowdownError(f"{parameter}={twice} is named twice: leave out one of the two")
    if not FEWEST_POINTS <= len(values) <= MOST_POINTS:
        raise ShowdownError(f"a sweep has {FEWEST_POINTS} to {MOST_POINTS} values, and {text} names {len(values)}")
    return Asked(parameter, values)


def is_number(parameter: str, value: str) -> bool:
    """Whether the parameter, one of NUMBERS, can have this value."""
    try:
        _number(parameter, value)
    except ShowdownError:
        return False
    return True


def _number(parameter: str, value: str) -> float:
    if parameter == LATENCY:
        try:
            return parsed_latency(value)
        except ShowdownError as error:
            raise ShowdownError(f"{parameter}={value}: {error}") from None
    if not (value.isascii() and value.isdecimal() and len(value) < len(str(MOST_COUNT)) and int(value) > 0):
        raise ShowdownError(f"{parameter}={value}: {value!r} is no whole number from 1 on")
    return int(value)
