"""Measures a run block by block, and writes each down as soon as it is over."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import product
from pathlib import Path

from showdown.generators.load import Generator
from showdown.generators.pgbench import has_ceiling
from showdown.measure.blocks import BlockError, measure_block
from showdown.measure.course import BlockPlan, BlockResult
from showdown.measure.course import Listener as BlockListener
from showdown.measure.growers import growers
from showdown.measure.places import without_places
from showdown.measure.plan import BLOCKS, LOGS
from showdown.measure.results import Fault, Run, write_run
from showdown.measure.schedule import CEILING, WARM_UP, Turn, connections_needed, groups, turns
from showdown.measure.slots import LEAST_DRAIN_SECONDS, drains, slots
from showdown.requests.kind import Kinds
from showdown.requests.scenarios import Scenario
from showdown.stacks.stack import Disturbed, Stack

# Starting, verifying and stopping the services of a block, for the first guess at the time that is left.
SET_UP_SECONDS = 12.0


@dataclass(frozen=True)
class Group:
    """One group of contenders in one block."""

    block: int
    number: int
    contenders: list[str]
    turns: list[Turn]
    seconds: float
    """How long its turns take."""


@dataclass(frozen=True)
class Listener(BlockListener):
    """Callbacks that report a run's progress."""

    on_group: Callable[[Group], object]
    on_fault: Callable[[Fault], object]

    def quiet(self) -> BlockListener:
        """The same of a block that is none of the run's own."""
        return BlockListener(on_step=lambda _: None, on_turn=lambda _: None, on_seconds=lambda _: None)


def planned_groups(
    run: Run, scenarios: Mapping[str, Scenario], available: int | None, most_services: int, kinds: Kinds
) -> list[Group]:
    """All that is still to be measured, in order. Raises ShowdownError where the database has too few connections."""
    ceiling = any(has_ceiling(scenario, kinds) for scenario in scenarios.values())
    needed = connections_needed(run.variants, max(run.service_hosts), ceiling=ceiling)
    together = groups(needed, run.baseline, available, most_services)
    profile = run.profile
    shortest = dict.fromkeys(product(run.variants, scenarios), LEAST_DRAIN_SECONDS)
    found = []
    for block in range(run.finished_blocks + 1, profile.blocks + 1):
        for number, contenders in enumerate(together, start=1):
            of_group = turns(run, block, number, contenders, scenarios, kinds)
            known = drains(run.slices) if block == run.finished_blocks + 1 else shortest
            seconds = slots(of_group, 0.0, profile, known, connections_of_ceiling(run))[-1].over
            found.append(Group(block, number, contenders, of_group, seconds))
    return found


def measure(  # noqa: PLR0917 - each is one thing, and no two are of one type
    run: Run,
    stack: Stack,
    scenarios: Mapping[str, Scenario],
    generator: Generator,
    folder: Path,
    listener: Listener,
    to_do: list[Group],
    more: Callable[[Run], list[Group]] = lambda _: [],
) -> None:
    """Measure what is still to be measured into `run`, and keep the folder's results.json up to date.

    `more`: what to go on with when nothing is left to do. A contender that fails is a fault of the run, and the others
    go on. Raises StackLostError.
    """
    files = folder / BLOCKS
    files.mkdir(exist_ok=True)
    verified: set[str] = set()
    left = deque(to_do or more(run))
    while left:
        group = left.popleft()
        listener.on_group(group)
        without_rate = _without_rate(run, group)
        plan = BlockPlan(
            run=run,
            number=group.block,
            group=group.number,
            turns=[turn for turn in group.turns if turn.contender not in without_rate],
            scenarios=scenarios,
            connections=connections_of_ceiling(run),
            files=files / (f"{group.block}" if group.number == 1 else f"{group.block}.{group.number}"),
            drains=drains(run.slices),
            verify=frozenset(run.variants.keys() - verified),
            rates=partial(_rate, run),
            pattern=run.rate.pattern if run.rate else "constant",
        )
        result = BlockResult(faults=[*without_rate.values()])
        try:
            measure_block(plan, stack, generator, listener, result)
        except BlockError as error:
            result = _lost(group, result.faults, str(error))
        except BaseException:
            _add(run, result, stack, folder)
            raise
        verified |= set(group.contenders) - {fault.variant for fault in result.faults}
        for fault in result.faults:
            listener.on_fault(fault)
        if not any(later.block == group.block for later in left):
            run.finished_blocks = group.block
        _add(run, result, stack, folder)
        if not left:
            left.extend(more(run))
    run.finished_at = datetime.now(UTC).isoformat(timespec="seconds")
    write_run(run, folder)


def connections_of_ceiling(run: Run) -> int:
    """As many as the variants have at most."""
    return max(variant.pool for variant in run.variants.values()) * max(run.service_hosts)


def _rate(run: Run, turn: Turn) -> float | None:
    """Of a turn; a warm-up is in a closed loop."""
    if run.rate is None or turn.lap == WARM_UP or turn.contender == CEILING:
        return None
    return run.rate.of(turn.contender, turn.scenario, turn.service_hosts)


def _without_rate(run: Run, group: Group) -> dict[str, Fault]:
    """By variant, a fault of this block: at which rate requests would have to arrive is not known."""
    if run.rate is None:
        return {}
    return {
        turn.contender: Fault(
            variant=turn.contender,
            block=group.block,
            group=group.number,
            reason="its capacity could not be measured, of which the rate is a share",
        )
        for turn in group.turns
        if turn.lap != WARM_UP and turn.contender != CEILING and _rate(run, turn) is None
    }


def _lost(group: Group, faults: list[Fault], reason: str) -> BlockResult:
    """All contenders have lost the block; those that had failed before keep their own reason."""
    told = {fault.variant for fault in faults}
    others = [name for name in group.contenders if name not in told]
    return BlockResult(
        faults=[
            *faults,
            *(Fault(variant=name, block=group.block, group=group.number, reason=reason) for name in others),
        ]
    )


def _add(run: Run, result: BlockResult, stack: Stack, folder: Path) -> None:
    run.slices += result.slices
    run.ceilings += result.ceilings
    for fault in result.faults:
        fault.reason = without_places(fault.reason, folder)
    run.faults += result.faults
    traced = {name: growers(folder / LOGS, name, variant) for name, variant in run.variants.items()}
    run.growers = {name: found for name, found in traced.items() if found}
    _note_disturbances(run, stack.disturbed())
    write_run(run, folder)


def _note_disturbances(run: Run, disturbed: Disturbed) -> None:
    run.machine = disturbed.worst.of(run.machine)
    for host in run.hosts:
        if host.machine and host.name in disturbed.by_host:
            host.machine = disturbed.by_host[host.name].of(host.machine)
