"""Asks variants for more than they can do, and sees what becomes of it, and how soon they are themselves again."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise, product
from pathlib import Path
from statistics import fmean

from showdown.generators.latencies import decoded, merged, percentile_ms
from showdown.generators.load import Generator
from showdown.generators.measurement import Counted, Window
from showdown.generators.timetable import SETTLE_SECONDS, TAIL_SECONDS, Entry
from showdown.measure.blocks import BlockError, measure_block
from showdown.measure.capacity import Key, in_closed_loop, steps_told
from showdown.measure.course import BlockPlan, BlockResult
from showdown.measure.overload_results import Overload, OverloadOf, Step
from showdown.measure.plan import BLOCKS
from showdown.measure.results import Run, Slice
from showdown.measure.schedule import WARM_UP, Turn
from showdown.measure.slots import Slot
from showdown.requests.kind import Kinds
from showdown.requests.scenarios import Scenario
from showdown.stacks.stack import Stack

# Of the capacity, one after the other; then so many clients at once. A load is what a lap has of them.
PERCENTAGES, CLIENTS = (50, 100, 150, 300, 1_000), 2_000
RATES, LOAD_OF_CLIENTS = range(1, len(PERCENTAGES) + 1), len(PERCENTAGES) + 1
# Each load comes so often: a single slice may be of a moment in which other work had the machine.
ROUNDS = 3
SLICE_SECONDS = 3.0
# How many requests are under way at most while they arrive at a rate. More than are let in and wait, in haproxy and
# behind it, so that others are refused. When the load falls there are some whom nothing keeps waiting.
RATE_USERS, AFTER_USERS = 500, 750
# What the load falls to, and for how long that is watched.
AFTER_PERCENT, AFTER_SECONDS, WINDOW_SECONDS = 50, 5.0, 0.25
# What is still under way then.
DRAIN_SECONDS = 1.0
# In time is so many times the p99 at half of the capacity; in less, this machine disturbs everybody.
TIMES, LEAST_IN_TIME_MS = 3, 50.0
# Of the requests of a window so many have to be answered in time, and so in two windows side by side.
SHARE = 0.9


@dataclass(frozen=True)
class OverloadPlan(BlockPlan):
    """A block in which each turn has too much load first, and then little."""

    capacities: Mapping[Key, float] = field(default_factory=dict)

    def users(self, turn: Turn) -> int:
        if turn.lap == WARM_UP:
            return super().users(turn)
        return CLIENTS if self.rates(turn) is None else RATE_USERS

    @property
    def most_users(self) -> int:
        return max(super().most_users, AFTER_USERS)

    def entries(self, slot: Slot, url: str) -> list[Entry]:
        (load,) = super().entries(slot, url)
        turn = slot.turn
        if turn.lap == WARM_UP:
            return [load]
        over = load.end + AFTER_SECONDS
        # Without a pause between the two, in which the service could recover.
        after = replace(
            load,
            start=load.end,
            counted_from=load.end,
            counted_to=over,
            end=over,
            users=AFTER_USERS,
            seed=f"{load.seed} after",
            rate=self.capacities[turn.contender, turn.scenario] * AFTER_PERCENT / 100,
            window_seconds=WINDOW_SECONDS,
        )
        return [replace(load, is_overload=True), after]


def find_overload(  # noqa: PLR0917 - each is one thing, and no two are of one type
    run: Run,
    stack: Stack,
    scenarios: Mapping[str, Scenario],
    kinds: Kinds,
    generator: Generator,
    folder: Path,
    on_step: Callable[[str], object],
) -> Overload:
    """Measure the capacity of all variants of a run first. Raises StackLostError, and ShowdownError where none answers.

    Half of the capacity comes first: it says how the variant answers without overload.
    """
    listener = steps_told(on_step)
    groups, capacities = in_closed_loop(run, stack, scenarios, kinds, generator, folder, listener)
    result = BlockResult()
    faults = dict.fromkeys(run.variants.keys() - {name for name, _ in capacities}, "its capacity could not be measured")
    # Clients have blocks of their own: Locust's users cost something even where they only wait.
    for number, (group, loads) in enumerate(product(groups, (RATES, (LOAD_OF_CLIENTS,))), start=1):
        of_group = {key: capacity for key, capacity in capacities.items() if key[0] in group and key[0] not in faults}
        if not of_group:
            continue
        try:
            plan = block_plan(run, number, loads, of_group, scenarios, folder)
            measure_block(plan, stack, generator, listener, result)
        except BlockError as error:
            faults |= dict.fromkeys((name for name, _ in of_group), str(error))
        faults |= {fault.variant: fault.reason for fault in result.faults}
    found = []
    for key in product(run.variants, scenarios):
        variant, scenario = key
        fault = faults.get(variant)
        of = OverloadOf(variant=variant, scenario=scenario, requests_per_second=capacities.get(key), fault=fault)
        slices = [each for each in result.slices if (each.variant, each.scenario) == key]
        found.append(with_steps(of, slices, result.counted))
    return Overload(finished_at=datetime.now(UTC).isoformat(timespec="seconds"), run=run, found=found)


def block_plan(  # noqa: PLR0917 - as for find_overload
    run: Run,
    number: int,
    loads: Sequence[int],
    capacities: Mapping[Key, float],
    scenarios: Mapping[str, Scenario],
    folder: Path,
) -> OverloadPlan:
    """Every variant has these loads, in their order, and then again."""
    shuffled = random.Random(f"{run.seed} {number}")  # noqa: S311 - order, not secrets
    turns = [Turn(WARM_UP, scenario, variant) for variant, scenario in capacities]
    rates: dict[Turn, float] = {}
    for round_, load in product(range(ROUNDS), loads):
        lap = round_ * LOAD_OF_CLIENTS + load
        of_lap = [Turn(lap, scenario, variant) for variant, scenario in capacities]
        turns += shuffled.sample(of_lap, len(of_lap))
        if load != LOAD_OF_CLIENTS:
            share = PERCENTAGES[load - 1] / 100
            rates |= {turn: capacities[turn.contender, turn.scenario] * share for turn in of_lap}
    return OverloadPlan(
        run=run,
        number=1,
        group=number,
        turns=turns,
        scenarios=scenarios,
        connections=1,
        files=folder / BLOCKS / f"overload-{number}",
        drains=dict.fromkeys(capacities, AFTER_SECONDS + DRAIN_SECONDS),
        verify=frozenset(variant for variant, _ in capacities if LOAD_OF_CLIENTS not in loads),
        rates=rates.get,
        pattern=run.rate.pattern if run.rate else "constant",
        capacities=capacities,
    )


def load_of(lap: int) -> int:
    return (lap - 1) % LOAD_OF_CLIENTS + 1


def with_steps(of: OverloadOf, slices: Sequence[Slice], counted: Mapping[Turn, Sequence[Counted]]) -> OverloadOf:
    """The same with all that was seen of it."""
    if not slices:
        return of
    by_load: dict[int, list[Slice]] = {}
    for each in sorted(slices, key=lambda each: each.lap):
        by_load.setdefault(load_of(each.lap), []).append(each)
    unloaded = percentile_ms(merged(each.histogram for each in by_load[min(by_load)]), 99) or 0.0
    in_time_ms = max(TIMES * unloaded, LEAST_IN_TIME_MS)
    steps = []
    for load, of_load in sorted(by_load.items()):
        seen = [counted[Turn(each.lap, each.scenario, each.variant)] for each in of_load]
        steps.append(step(load, of_load, [during for during, _ in seen], [after for _, after in seen], in_time_ms))
    return of.model_copy(update={"in_time_ms": in_time_ms, "steps": steps})


def step(
    load: int, slices: Sequence[Slice], during: Sequence[Counted], after: Sequence[Counted], in_time_ms: float
) -> Step:
    """What one load gave, in all of its slices together; of what is to be bounded the most."""
    is_rate = load != LOAD_OF_CLIENTS
    accepted = merged(each.histogram for each in during)
    refused = merged(each.refused for each in during if each.refused)
    requests, refusals = sum(each.requests for each in during), refused.total_count
    seconds = sum(SETTLE_SECONDS + each.measured_seconds + TAIL_SECONDS for each in slices)
    failures = sum((Counter(each.failures) for each in during), Counter[str]())
    recoveries = [recovery_seconds(each.windows, in_time_ms) for each in after]
    recovered = [seconds for seconds in recoveries if seconds is not None]
    return Step(
        percent_of_capacity=PERCENTAGES[load - 1] if is_rate else None,
        clients=None if is_rate else CLIENTS,
        asked_requests_per_second=slices[0].asked_requests_per_second,
        offered_requests_per_second=sum(each.total_requests for each in during) / seconds,
        right_requests_per_second=fmean(each.requests_per_second for each in during),
        refused_percent=100 * refusals / requests if requests else 0.0,
        refused_p50_ms=percentile_ms(refused, 50),
        refused_p99_ms=percentile_ms(refused, 99),
        accepted_p50_ms=percentile_ms(accepted, 50),
        accepted_p99_ms=percentile_ms(accepted, 99),
        failures={what: times for what, times in failures.items() if what != REFUSED},
        service_peak_mib=max(each.tiers["service"].peak_rss_mib for each in slices),
        generator_peak_cpu_percent=max(each.tiers["generator"].peak_cpu_percent for each in slices),
        recovery_seconds=max(recovered) if len(recovered) == len(recoveries) else None,
    )


REFUSED = "status 503"


def recovery_seconds(windows: Sequence[Window], in_time_ms: float) -> float | None:
    """When the first of two windows side by side began in which requests were answered in time."""
    good = [is_good(window, in_time_ms) for window in windows]
    for number, pair in enumerate(pairwise(good)):
        if all(pair):
            return number * WINDOW_SECONDS
    return None


def is_good(window: Window, in_time_ms: float) -> bool:
    """Whether nearly all requests that were meant for a window had a right answer in time."""
    latencies, needed = decoded(window.histogram), 100 * SHARE * window.due
    if needed > 100 * latencies.total_count:
        return False
    within: int = latencies.get_value_at_percentile(needed / latencies.total_count) if needed else 0
    return within <= in_time_ms * 1000
