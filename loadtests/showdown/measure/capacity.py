"""Finds the highest rate at which each variant keeps an objective, and its latency below that."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import product
from math import inf
from pathlib import Path
from typing import TypeAlias

from showdown.generators.latencies import merged, percentile_ms
from showdown.generators.load import Generator
from showdown.measure.blocks import BlockError, measure_block
from showdown.measure.capacities import measure_capacities
from showdown.measure.capacity_results import Capacities, CapacityOf, Latency, Look
from showdown.measure.course import BlockPlan, BlockResult
from showdown.measure.objective import Objective
from showdown.measure.plan import BLOCKS
from showdown.measure.results import Run, Slice
from showdown.measure.runner import Group, Listener, planned_groups
from showdown.measure.schedule import CEILING, WARM_UP, Turn
from showdown.measure.search import Found, Search
from showdown.requests.kind import Kinds
from showdown.requests.scenarios import Scenario
from showdown.stacks.stack import Stack

# Longer than a run's: a service that is asked a little too much falls behind a little at a time.
SLICE_SECONDS = 3.0
# What is under way after a slice of too many requests is done by then, and takes no time of the next one.
DRAIN_SECONDS = 1.0
PERCENTAGES, LAPS = (50, 70, 85), 3

Key: TypeAlias = tuple[str, str]
"""A variant and a scenario."""


@dataclass
class Rounds:
    """Blocks in which each variant has slices at rates of its own."""

    run: Run
    stack: Stack
    scenarios: Mapping[str, Scenario]
    generator: Generator
    folder: Path
    groups: Sequence[Sequence[str]]
    """Which variants can be up at once."""
    listener: Listener
    faults: dict[str, str] = field(default_factory=dict)
    """By variant, why it is not measured any more."""
    _number: int = 0

    def measure(self, rates: Mapping[Key, Sequence[float]]) -> dict[Key, list[Slice]]:
        """A slice at each rate, in shuffled order. A variant that fails is a fault."""
        self._number += 1
        found: dict[Key, list[Slice]] = {key: [] for key in rates}
        for group, names in enumerate(self.groups, start=1):
            of_group = {key: of_key for key, of_key in rates.items() if key[0] in names}
            if not of_group:
                continue
            plan = self._plan(of_group, group)
            result = BlockResult()
            try:
                measure_block(plan, self.stack, self.generator, self.listener, result)
            except BlockError as error:
                # Nothing is known of who was to blame: the others go on without this round.
                self.listener.on_step(f"a round is lost: {error}")
            self.faults |= {fault.variant: fault.reason for fault in result.faults}
            for each in result.slices:
                found[each.variant, each.scenario].append(each)
        return found

    def _plan(self, rates: Mapping[Key, Sequence[float]], group: int) -> BlockPlan:
        shuffled = random.Random(f"{self.run.seed} {self._number} {group}")  # noqa: S311 - order, not secrets
        turns = [Turn(WARM_UP, scenario, variant) for variant, scenario in rates]
        by_turn: dict[Turn, float] = {}
        # In a lap nobody has the highest of its rates while another has its lowest.
        ordered = {key: shuffled.sample(list(of_key), len(of_key)) for key, of_key in rates.items()}
        for lap in range(1, max(map(len, rates.values())) + 1):
            of_lap = {
                Turn(lap, scenario, variant): of_key[lap - 1]
                for (variant, scenario), of_key in ordered.items()
                if lap <= len(of_key)
            }
            by_turn |= of_lap
            turns += shuffled.sample(list(of_lap), len(of_lap))
        return BlockPlan(
            run=self.run,
            number=self._number,
            group=group,
            turns=turns,
            scenarios=self.scenarios,
            connections=1,
            files=self.folder / BLOCKS / f"{self._number}-{group}",
            drains=dict.fromkeys(rates, DRAIN_SECONDS),
            verify=frozenset({variant for variant, _ in rates} if self._number == 1 else ()),
            rates=by_turn.get,
            pattern=self.run.rate.pattern if self.run.rate else "constant",
        )


def find_capacities(  # noqa: PLR0917 - each is one thing, and no two are of one type
    run: Run,
    stack: Stack,
    scenarios: Mapping[str, Scenario],
    kinds: Kinds,
    generator: Generator,
    folder: Path,
    objective: Objective,
    on_step: Callable[[str], object],
) -> Capacities:
    """Search those of all variants of a run at once. The first guess is what each does in a closed loop.

    Raises StackLostError, and ShowdownError where no variant answers.
    """
    listener = steps_told(on_step)
    groups, guesses = in_closed_loop(run, stack, scenarios, kinds, generator, folder, listener)
    rounds = Rounds(run, stack, scenarios, generator, folder, groups, listener)
    searches = {key: Search(guesses[key]) for key in product(run.variants, scenarios) if key in guesses}
    looks: dict[Key, list[Look]] = {key: [] for key in searches}
    while rates := {
        key: s.next_rates() for key, s in searches.items() if not s.is_over and key[0] not in rounds.faults
    }:
        for key, slices in rounds.measure(rates).items():
            seen = [look(each, objective) for each in slices]
            looks[key] += seen
            searches[key].saw([(each.requests_per_second, each.is_kept) for each in seen])
    found = {key: each for key, search in searches.items() if (each := search.found())}
    below = rounds.measure(
        {
            key: [each.requests_per_second * share / 100 for share in PERCENTAGES] * LAPS
            for key, each in found.items()
            if key[0] not in rounds.faults
        }
    )
    told = [of_key(key, found.get(key), looks[key], below.get(key, []), rounds.faults) for key in searches]
    finished_at = datetime.now(UTC).isoformat(timespec="seconds")
    return Capacities(finished_at=finished_at, p99_ms=objective.p99_ms, run=run, found=told)


def steps_told(on_step: Callable[[str], object]) -> Listener:
    """Says each step and each turn."""
    return Listener(
        on_step=on_step,
        on_turn=lambda turn: on_step(f"{turn.scenario}  {turn.contender}"),
        on_seconds=lambda _: None,
        on_group=lambda _: None,
        on_fault=lambda _: None,
    )


def in_closed_loop(  # noqa: PLR0917 - as for find_capacities
    run: Run,
    stack: Stack,
    scenarios: Mapping[str, Scenario],
    kinds: Kinds,
    generator: Generator,
    folder: Path,
    listener: Listener,
) -> tuple[list[list[str]], dict[Key, float]]:
    """Which variants can be up at once, and how many requests per second each answers at most in a closed loop."""
    to_do = planned_groups(run, scenarios, stack.available_connections(), stack.most_services, kinds)
    to_do = [without_ceiling(group) for group in to_do]
    measure_capacities(run, stack, scenarios, generator, folder, listener, to_do)
    assert run.rate is not None  # noqa: S101 - it was just measured
    capacities = {(one.variant, one.scenario): one.requests_per_second for one in run.rate.capacities}
    return distinct([group.contenders for group in to_do]), capacities


def look(slice_: Slice, objective: Objective) -> Look:
    """What a slice says of the objective."""
    return Look(
        requests_per_second=slice_.asked_requests_per_second or 0.0,
        p99_ms=percentile_ms(merged([slice_.histogram]), 99),
        is_kept=objective.is_kept(slice_),
    )


def of_key(
    key: Key, found: Found | None, looks: list[Look], below: Sequence[Slice], faults: Mapping[str, str]
) -> CapacityOf:
    """All that was found of one variant under one scenario."""
    variant, scenario = key
    told = CapacityOf(variant=variant, scenario=scenario, looks=looks, fault=faults.get(variant))
    if found is None:
        return told
    capacity = found.requests_per_second
    latencies = [
        latency(share, capacity, slices)
        for share in PERCENTAGES
        if (slices := [each for each in below if is_at(each, capacity * share / 100)])
    ]
    return told.model_copy(
        update={
            "requests_per_second": capacity,
            "low": found.low,
            "high": found.high,
            "is_confirmed": found.is_confirmed,
            "latencies": latencies,
        }
    )


def latency(share: int, capacity: float, slices: Sequence[Slice]) -> Latency:
    """Of slices at a share of the capacity."""
    histogram = merged(each.histogram for each in slices)
    return Latency(
        percent_of_capacity=share,
        requests_per_second=capacity * share / 100,
        p50_ms=percentile_ms(histogram, 50),
        p99_ms=percentile_ms(histogram, 99),
        waited=sum(each.arrivals.waited for each in slices if each.arrivals),
    )


def is_at(slice_: Slice, rate: float) -> bool:
    return abs((slice_.asked_requests_per_second or inf) - rate) < 1e-6 * rate


def without_ceiling(group: Group) -> Group:
    """Pgbench is not asked for a latency."""
    return replace(
        group,
        contenders=[name for name in group.contenders if name != CEILING],
        turns=[turn for turn in group.turns if turn.contender != CEILING],
    )


def distinct(groups: Sequence[Sequence[str]]) -> list[list[str]]:
    """The baseline is in each group of a run; here nothing is compared with it."""
    found: list[list[str]] = []
    for group in groups:
        known = {name for names in found for name in names}
        found.append([name for name in group if name not in known])
    return [group for group in found if group]
