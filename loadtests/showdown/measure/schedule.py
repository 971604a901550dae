"""The order of slices: groups for which the database has connections, and shuffled laps."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from showdown_contract.errors import ShowdownError

from showdown.contenders.variants import Variant
from showdown.generators.pgbench import has_ceiling
from showdown.measure.results import Run
from showdown.requests.kind import Kinds
from showdown.requests.latency import once_each
from showdown.requests.scenarios import Scenario

CEILING = "pgbench"
WARM_UP = 0


@dataclass(frozen=True)
class Turn:
    """One slice of one contender, still to come."""

    lap: int
    """WARM_UP: it does not count."""
    scenario: str
    contender: str
    """A variant, or CEILING."""
    service_hosts: int = 1


def connections_needed(variants: Mapping[str, Variant], hosts: int, *, ceiling: bool) -> dict[str, int]:
    """How many connections each contender holds while it is up, pgbench among them."""
    needed = {name: variant.pool * hosts for name, variant in variants.items()}
    # As many as the variants have at most: their ceiling, not another's.
    return needed | ({CEILING: max(needed.values())} if ceiling else {})


def groups(needed: Mapping[str, int], baseline: str, available: int | None, most_services: int) -> list[list[str]]:
    """Contenders that can be up at once, the baseline in each group; one group where there is room for all.

    `available`: connections of the database; None: as many as anybody wants. Raises ShowdownError where a contender
    has no room beside the baseline.
    """
    services = len(needed) - (CEILING in needed)
    if (available is None or sum(needed.values()) <= available) and services <= most_services:
        return [list(needed)]
    if available is None:
        available = sum(needed.values()) * len(needed)
    room = available - needed[baseline]
    found: list[list[str]] = []
    left: list[int] = []
    alone = []
    for name, connections in needed.items():
        if name == baseline:
            continue
        if name == CEILING and room < connections <= available:
            # It needs no variant beside it to be a ceiling.
            alone = [[CEILING]]
            continue
        if connections > room:
            raise ShowdownError(
                f"the database has {available} connections left, and {name} beside the baseline {baseline} needs "
                f"{connections + needed[baseline]}: leave one of them out, or give the database more"
            )
        place = next(
            (number for number, rest in enumerate(left) if rest >= connections and len(found[number]) < most_services),
            None,
        )
        if place is None:
            found.append([baseline])
            left.append(room)
            place = len(found) - 1
        found[place].append(name)
        left[place] -= connections
    if room < 0:
        raise ShowdownError(f"the database has {available} connections left, and {baseline} needs {needed[baseline]}")
    return [*(found or [[baseline]]), *alone]


def turns(  # noqa: PLR0917 - each is one thing
    run: Run, block: int, group: int, contenders: Sequence[str], scenarios: Mapping[str, Scenario], kinds: Kinds
) -> list[Turn]:
    """All of one group in one block: the warm-up first, then laps; the same for the same seed.

    In a lap the slices of one scenario stand side by side, in shuffled order. The ceiling has one slice in each block,
    for it only says how much of the database a row can use. Scenarios that differ in latency alone share a warm-up.
    """
    shuffled = random.Random(f"{run.seed} {block} {group}")  # noqa: S311 - order, not secrets
    variants = [name for name in contenders if name != CEILING]
    ordered = []
    lap_of_ceiling = 1 + block % run.profile.laps
    warming = [name for name, first in once_each(scenarios).items() if name == first]
    for lap in range(WARM_UP, run.profile.laps + 1):
        of_lap = warming if lap == WARM_UP else list(scenarios)
        for scenario in shuffled.sample(of_lap, len(of_lap)):
            side_by_side = [Turn(lap, scenario, *each) for each in product(variants, run.service_hosts)]
            if lap == lap_of_ceiling and CEILING in contenders and has_ceiling(scenarios[scenario], kinds):
                side_by_side.append(Turn(lap, scenario, CEILING))
            ordered += shuffled.sample(side_by_side, len(side_by_side))
    return ordered
