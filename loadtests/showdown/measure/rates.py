"""At which rate requests arrive, whether or not those before are answered (`--rate`)."""

import math
import re
from typing import Annotated

from pydantic import Field
from showdown_contract.errors import ShowdownError

from showdown.generators.arrivals import Pattern
from showdown.types import Amount, Name, Record

MOST_REQUESTS_PER_SECOND, MOST_PERCENT, MOST_CAPACITIES = 100_000.0, 200.0, 1_000
FORM = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(/s|%)")
# Enough users for answers that take so long. With slower ones an arrival may have to wait for a user, and is counted.
ANSWER_SECONDS, MOST_RATE_USERS = 0.5, 1_000


class Capacity(Record):
    """What a variant does at most: in a closed loop, where each user asks again as soon as it has its answer."""

    variant: Name
    scenario: Name
    service_hosts: Annotated[int, Field(strict=True, ge=1)]
    requests_per_second: Amount


class Rate(Record):
    """Of each variant: a fixed one, or a share of its own capacity."""

    requests_per_second: Amount | None = None
    percent_of_capacity: Amount | None = None
    pattern: Pattern = "constant"
    """How requests arrive."""
    capacities: Annotated[list[Capacity], Field(max_length=MOST_CAPACITIES)] = []
    """Of which it is a share: measured before the first block."""

    @property
    def needs_capacities(self) -> bool:
        """Whether they have still to be measured."""
        return self.percent_of_capacity is not None and not self.capacities

    def of(self, variant: str, scenario: str, service_hosts: int) -> float | None:
        """In requests per second; None where the variant's capacity is not known."""
        if self.percent_of_capacity is None:
            return self.requests_per_second
        return next(
            (
                capacity.requests_per_second * self.percent_of_capacity / 100
                for capacity in self.capacities
                if (capacity.variant, capacity.scenario, capacity.service_hosts) == (variant, scenario, service_hosts)
            ),
            None,
        )

    def __str__(self) -> str:
        if self.percent_of_capacity is None:
            return f"{self.requests_per_second:g} req/s"
        return f"{self.percent_of_capacity:g}% of each variant's capacity"


def parsed_rate(text: str, pattern: Pattern) -> Rate:
    """Of what `--rate` was given. Raises ShowdownError."""
    found = FORM.fullmatch(text.strip())
    if not found:
        raise ShowdownError(f"--rate {text!r} is no rate: say 500/s, or 70% of each variant's own capacity")
    number, unit = float(found[1]), found[2]
    most = MOST_PERCENT if unit == "%" else MOST_REQUESTS_PER_SECOND
    if not 1 <= number <= most:
        raise ShowdownError(f"--rate {text.strip()} is out of bounds: from 1{unit} to {most:g}{unit} can be asked for")
    if unit == "%":
        return Rate(percent_of_capacity=number, pattern=pattern)
    return Rate(requests_per_second=number, pattern=pattern)


def users_for(requests_per_second: float, least: int) -> int:
    """How many users send so many requests, each when it is due."""
    return max(least, min(math.ceil(requests_per_second * ANSWER_SECONDS), MOST_RATE_USERS))
