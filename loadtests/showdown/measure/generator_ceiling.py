"""What the generator can do at most: measured in a block of its own, against a service that does no work."""

from pathlib import Path

from showdown.generators.load import Generator
from showdown.generators.null_service import is_known, null_service
from showdown.measure.blocks import BlockError, measure_block
from showdown.measure.course import BlockPlan, BlockResult, Listener
from showdown.measure.places import without_places
from showdown.measure.plan import BLOCKS, RunPlan
from showdown.measure.results import GeneratorCeiling, Run, write_run
from showdown.measure.schedule import WARM_UP, Turn
from showdown.requests.latency import once_each
from showdown.stacks.stack import Stack

NULL = "null-service"
# What disturbs a slice makes it slower, so that the fastest of a few is closest to what the generator can do.
MOST_LAPS = 3
NOT_MEASURED = "what the generator can do at most was not measured"


def measure_generator_ceiling(  # noqa: PLR0917 - each is one thing, and no two are of one type
    run: Run, plan: RunPlan, stack: Stack, generator: Generator, folder: Path, listener: Listener
) -> None:
    """Measure it into `run`, by scenario, on as many service hosts as the run has at most.

    Where that fails, a note says why, and the run goes on. Raises StackLostError.
    """
    scenarios = {name: each for name, each in plan.scenarios.items() if is_known(plan.contract, each)}
    if not scenarios or run.generator_ceiling:
        return
    hosts = max(run.service_hosts)
    firsts = once_each(scenarios)
    null = {NULL: null_service(plan.contract, run.size)}
    laps = range(WARM_UP, min(run.profile.laps, MOST_LAPS) + 1)
    block = BlockPlan(
        run=run.model_copy(update={"variants": null}),
        number=1,
        group=1,
        turns=[Turn(lap, scenario, NULL, hosts) for lap in laps for scenario in dict.fromkeys(firsts.values())],
        scenarios=scenarios,
        connections=1,
        files=folder / BLOCKS / "generator",
        drains={},
        verify=frozenset(),
    )
    result = BlockResult()
    listener.on_step("measuring what the generator can do")
    quiet = Listener(on_step=lambda _: None, on_turn=lambda _: None, on_seconds=lambda _: None)
    try:
        measure_block(block, stack, generator, quiet, result)
        reason = "".join(fault.reason for fault in result.faults)
    except BlockError as error:
        reason = str(error)
    finally:
        # There is a run to go on with from now on.
        write_run(run, folder)
    # A run that is resumed may say so already.
    run.notes = [each for each in run.notes if not each.startswith(NOT_MEASURED)]
    if reason:
        run.notes.append(f"{NOT_MEASURED}: {without_places(reason.splitlines()[0], folder)}")
    fastest: dict[str, float] = {}
    for each in result.slices:
        fastest[each.scenario] = max(fastest.get(each.scenario, 0.0), each.requests_per_second)
    run.generator_ceiling = [
        GeneratorCeiling(scenario=scenario, requests_per_second=fastest[first])
        for scenario, first in firsts.items()
        if first in fastest
    ]
