"""When requests arrive, whether or not those before are answered: nobody waits for a slow service to be well."""

from collections.abc import Iterator
from itertools import count
from random import Random
from typing import Literal, TypeAlias

Pattern: TypeAlias = Literal["constant", "poisson"]


def moments(  # noqa: PLR0917 - each is one thing
    start: float, end: float, rate: float, pattern: Pattern, seed: str, share: tuple[int, int] = (0, 1)
) -> Iterator[float]:
    """When requests are meant to be sent, in seconds since 1970; the same for the same seed.

    `share`: which of how many processes this is. Together they have the whole rate.
    """
    which, processes = share
    each: Iterator[float]
    if pattern == "constant":
        each = (start + (number * processes + which) / rate for number in count())
    else:
        each = _poisson(start, rate / processes, Random(f"{seed} {which}"))  # noqa: S311 - load, not secrets
    for moment in each:
        if moment >= end:
            return
        yield moment


def _poisson(start: float, rate: float, random: Random) -> Iterator[float]:
    moment = start
    while True:
        moment += random.expovariate(rate)
        yield moment
