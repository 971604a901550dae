"""What each variant can do at most, of which its rate is a share: a closed loop, in a block before the first."""

from collections.abc import Mapping
from pathlib import Path
from statistics import fmean

from showdown_contract.errors import ShowdownError

from showdown.generators.load import Generator
from showdown.measure.blocks import BlockError, measure_block
from showdown.measure.course import BlockPlan, BlockResult
from showdown.measure.plan import BLOCKS
from showdown.measure.rates import Capacity
from showdown.measure.results import Run, Slice
from showdown.measure.runner import Group, Listener, connections_of_ceiling
from showdown.measure.schedule import CEILING
from showdown.requests.scenarios import Scenario
from showdown.stacks.stack import Stack


def measure_capacities(  # noqa: PLR0917 - each is one thing, and no two are of one type
    run: Run,
    stack: Stack,
    scenarios: Mapping[str, Scenario],
    generator: Generator,
    folder: Path,
    listener: Listener,
    to_do: list[Group],
) -> None:
    """Measure them into `run`, where its rate needs them. Raises StackLostError.

    A variant that fails is told in the run's notes, and loses all blocks. Raises ShowdownError where all do.
    """
    if run.rate is None or not run.rate.needs_capacities or not to_do:
        return
    slices: list[Slice] = []
    reasons: dict[str, str] = {}
    listener.on_step("measuring what each variant can do at most")
    for group in to_do:
        if group.block != to_do[0].block:
            break
        plan = BlockPlan(
            run=run,
            number=group.block,
            group=group.number,
            turns=[turn for turn in group.turns if turn.contender != CEILING],
            scenarios=scenarios,
            connections=connections_of_ceiling(run),
            files=folder / BLOCKS / f"capacities-{group.number}",
            drains={},
            verify=frozenset(),
        )
        result = BlockResult()
        try:
            measure_block(plan, stack, generator, listener.quiet(), result)
        except BlockError as error:
            reasons |= dict.fromkeys(plan.variants, str(error))
        slices += result.slices
        reasons |= {fault.variant: fault.reason for fault in result.faults}
    run.notes += [
        f"{name}: its capacity could not be measured: {reason.splitlines()[0]}" for name, reason in reasons.items()
    ]
    run.rate.capacities = capacities(run, slices)
    if not run.rate.capacities:
        raise ShowdownError("\n".join([*run.notes, "the rate is a share of that, so nothing is left to measure"]))


def capacities(run: Run, slices: list[Slice]) -> list[Capacity]:
    """Means over a closed loop's slices. A twin has that of its original, or the two would not be loaded alike."""
    values: dict[tuple[str, str, int], list[float]] = {}
    for one in slices:
        name = run.twin.of if run.twin and one.variant == run.twin.name else one.variant
        values.setdefault((name, one.scenario, one.service_hosts), []).append(one.requests_per_second)
    return [
        Capacity(variant=variant, scenario=scenario, service_hosts=hosts, requests_per_second=fmean(found))
        for (name, scenario, hosts), found in values.items()
        for variant in (name, *([run.twin.name] if run.twin and name == run.twin.of else []))
    ]
