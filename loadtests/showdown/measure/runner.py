"""Interleaves the rounds of all variants, and stores each as soon as it is over."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from showdown.generators.load import Generator, Load
from showdown.generators.pgbench import has_ceiling
from showdown.measure.plan import ROUNDS
from showdown.measure.results import Fault, Run, write_run
from showdown.measure.rounds import Round, RoundError, measure_ceiling, measure_variant
from showdown.requests.kind import Kinds
from showdown.requests.registry import KINDS
from showdown.requests.scenarios import Scenario
from showdown.stacks.stack import Stack, Steal

CEILING = "pgbench"
# The time to start, verify and stop a service, for the progress bar's estimate.
SET_UP_SECONDS = 4.0


@dataclass(frozen=True)
class Turn:
    """One round of one contender."""

    number: int
    scenario: str
    contender: str
    """A variant, or CEILING."""
    service_hosts: int = 1


@dataclass(frozen=True)
class Listener:
    """Callbacks that report progress."""

    on_turn: Callable[[Turn], object]
    on_seconds: Callable[[float], object]
    on_fault: Callable[[Fault], object]


def turns(run: Run, scenarios: Mapping[str, Scenario], kinds: Kinds = KINDS) -> list[Turn]:
    """All turns in the order in which they are measured: shuffled within each round, the same for the same seed."""
    shuffled = random.Random(run.seed)  # noqa: S311 - order, not secrets
    ordered = []
    for number in range(1, run.profile.rounds + 1):
        contenders = product(scenarios, run.variants, run.service_hosts)
        ceilings = [(name, CEILING, 1) for name, scenario in scenarios.items() if has_ceiling(scenario, kinds)]
        due = [*contenders, *ceilings]
        shuffled.shuffle(due)
        ordered += [Turn(number, *contender) for contender in due]
    return ordered


def turn_seconds(run: Run) -> float:
    """About how long one turn takes."""
    return run.profile.warm_up_seconds + run.profile.measure_seconds + SET_UP_SECONDS


def measure(  # noqa: PLR0917 - each is one thing, and no two are of one type
    run: Run,
    stack: Stack,
    scenarios: Mapping[str, Scenario],
    generator: Generator,
    folder: Path,
    listener: Listener,
    kinds: Kinds = KINDS,
) -> None:
    """Measure all rounds into `run`, and keep the folder's results.json up to date.

    A round that fails is a fault of the run, and the others go on. Raises StackLostError.
    """
    files = folder / ROUNDS
    files.mkdir(exist_ok=True)
    for turn in turns(run, scenarios, kinds):
        listener.on_turn(turn)
        load = _load(run, turn, stack.url, scenarios[turn.scenario], files)
        round_ = Round(stack, load, turn.number, turn.service_hosts, listener.on_seconds)
        try:
            if turn.contender == CEILING:
                run.ceilings.append(measure_ceiling(round_, _connections(run)))
            else:
                run.results.append(measure_variant(round_, turn.contender, run.variants[turn.contender], generator))
        except RoundError as error:
            fault = Fault(
                variant=turn.contender,
                scenario=turn.scenario,
                round=turn.number,
                service_hosts=turn.service_hosts,
                reason=str(error),
            )
            run.faults.append(fault)
            listener.on_fault(fault)
        _note_steal(run, stack.steal())
        write_run(run, folder)
    run.finished_at = datetime.now(UTC).isoformat(timespec="seconds")
    write_run(run, folder)


def _note_steal(run: Run, steal: Steal) -> None:
    run.machine.steal_percent = steal.most
    for host in run.hosts:
        if host.machine and host.name in steal.by_host:
            host.machine.steal_percent = steal.by_host[host.name]


def _load(run: Run, turn: Turn, url: str, scenario: Scenario, files: Path) -> Load:
    hosts = f"-{turn.service_hosts}-hosts" if len(run.service_hosts) > 1 else ""
    return Load(
        url=url,
        scenario_name=turn.scenario,
        scenario=scenario,
        # The load grows with the number of hosts.
        profile=run.profile.model_copy(update={"users": run.profile.users * turn.service_hosts}),
        recipes=run.recipes,
        # Within a round, all variants get the same requests; the next round has others.
        seed=run.seed * 1000 + turn.number,
        files=files / f"{turn.number}-{turn.scenario}-{turn.contender}{hosts}",
        lookup=run.variants[turn.contender].lookup if turn.contender in run.variants else "by-id",
    )


def _connections(run: Run) -> int:
    """The largest pool among the variants, so that the ceiling has as many connections."""
    return max(variant.pool for variant in run.variants.values()) * max(run.service_hosts)
