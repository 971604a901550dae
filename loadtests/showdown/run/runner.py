"""Interleaves the rounds of all variants, and writes each down as soon as it is over."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local_stack.stack import Stack

from showdown.generators.load import Generator, Load
from showdown.generators.pgbench import has_ceiling
from showdown.results import Fault, Run, write_run
from showdown.run import machine
from showdown.run.rounds import Round, RoundError, measure_ceiling, measure_variant
from showdown.scenarios import Scenario
from showdown.variants import Variant

CEILING = "pgbench"
# Starting, verifying and stopping a service, for the progress bar's guess at the time that is left.
SET_UP_SECONDS = 4.0


@dataclass(frozen=True)
class Turn:
    """One round of one contender."""

    number: int
    scenario: str
    contender: str
    """A variant, or CEILING."""


@dataclass(frozen=True)
class Listener:
    """Whom to tell what is happening."""

    on_turn: Callable[[Turn], object]
    on_seconds: Callable[[float], object]
    on_fault: Callable[[Fault], object]


def turns(run: Run, scenarios: Mapping[str, Scenario]) -> list[Turn]:
    """All rounds in the order in which they are measured: each round shuffled, the same for the same seed."""
    shuffled = random.Random(run.seed)  # noqa: S311 - order, not secrets
    ordered = []
    for number in range(1, run.profile.rounds + 1):
        ceilings = [(name, CEILING) for name, scenario in scenarios.items() if has_ceiling(scenario)]
        pairs = [*((scenario, variant) for scenario in scenarios for variant in run.variants), *ceilings]
        shuffled.shuffle(pairs)
        ordered += [Turn(number, scenario, contender) for scenario, contender in pairs]
    return ordered


def turn_seconds(run: Run) -> float:
    """About how long one turn takes."""
    return run.profile.warm_up_seconds + run.profile.measure_seconds + SET_UP_SECONDS


def measure(  # noqa: PLR0917 - each is one thing, and no two are of one type
    run: Run, stack: Stack, scenarios: Mapping[str, Scenario], generator: Generator, folder: Path, listener: Listener
) -> None:
    """Measure all rounds into `run`, and keep the folder's results.json up to date.

    A round that fails is a fault of the run, and the others go on. Raises StackLostError.
    """
    steal = machine.steal_seconds()
    files = folder / "rounds"
    files.mkdir(exist_ok=True)
    for turn in turns(run, scenarios):
        listener.on_turn(turn)
        load = Load(
            url=stack.url,
            scenario_name=turn.scenario,
            scenario=scenarios[turn.scenario],
            profile=run.profile,
            recipes=run.recipes,
            # Every variant is asked the same within a round, and something else in the next.
            seed=run.seed * 1000 + turn.number,
            files=files / f"{turn.number}-{turn.scenario}-{turn.contender}",
        )
        round_ = Round(stack, load, turn.number, listener.on_seconds)
        try:
            if turn.contender == CEILING:
                run.references.append(measure_ceiling(round_, _connections(run.variants)))
            else:
                run.results.append(measure_variant(round_, turn.contender, run.variants[turn.contender], generator))
        except RoundError as error:
            fault = Fault(variant=turn.contender, scenario=turn.scenario, round=turn.number, reason=str(error))
            run.faults.append(fault)
            listener.on_fault(fault)
        run.machine.steal_percent = _steal_percent(steal)
        write_run(run, folder)
    run.finished_at = datetime.now(UTC).isoformat(timespec="seconds")
    write_run(run, folder)


def _connections(variants: Mapping[str, Variant]) -> int:
    """As many connections as the variants have: their ceiling, not another's."""
    return max(variant.pool for variant in variants.values())


def _steal_percent(before: tuple[float, float] | None) -> float | None:
    after = machine.steal_seconds()
    if before is None or after is None or after[1] <= before[1]:
        return None
    return 100 * (after[0] - before[0]) / (after[1] - before[1])
