"""Goes on with a run that was stopped: the same again, on the same machine, for the blocks that are missing."""

from dataclasses import replace
from pathlib import Path

from showdown_contract.errors import ShowdownError

from showdown.contenders.variants import Variant
from showdown.contract.contract import Contract
from showdown.measure.again import recorded_plan
from showdown.measure.plan import MOST_MINUTES, RunPlan, Until, with_twin
from showdown.measure.results import Run, read_run
from showdown.measure.virtual_plan import planting_of
from showdown.stacks.pressure import Disturbances
from showdown.stacks.records import Host, Machine

# What must be the same as before, and how a message calls it.
SAME = {
    "commit": "commit",
    "stack": "stack",
    "service_hosts": "service hosts",
    "generator_processes": "generator processes",
    "versions": "versions",
    "variant_versions": "versions of variants",
    "haproxy": "haproxy",
    "pgbouncer": "pgbouncer",
}


def resumed_plan(
    folder: Path,
    dsn: str | None,
    contract: Contract,
    variants_file: Path | None = None,
    most_minutes: int = MOST_MINUTES,
) -> RunPlan:
    """What was planned for the run of a folder. Raises ShowdownError where nothing is missing, or it cannot be done."""
    run = read_run(folder)
    if run.finished_at is not None:
        raise ShowdownError(f"{folder} is finished, nothing is missing: showdown report {folder} shows it")
    if run.contract != contract.digest:
        raise ShowdownError(
            f"{folder} is of the contract {run.contract}, and this one is {contract.digest}: name its own with "
            "--contract, or start a new run"
        )
    named = contract.contenders(variants_file).named(",".join(dict.fromkeys(run.originals().values())))
    variants = with_twin(_made_of(run, named, contract), run.twin)
    for name, variant in variants.items():
        if variant.model_dump() != run.variants[name].model_dump():
            raise ShowdownError(
                f"{name} is no longer what {folder} measured: start a new run, for one cannot be of two"
            )
    until = None if run.until_half_width is None else Until(run.until_half_width, most_minutes)
    return replace(recorded_plan(run, variants, dsn, contract), until=until, resumed=run)


def _made_of(run: Run, named: dict[str, Variant], contract: Contract) -> dict[str, Variant]:
    """What a run made of the entries that are named. Raises ShowdownError."""
    if run.sweep:
        return run.sweep.variants(named)
    return run.virtual.variants(planting_of(contract), named) if run.virtual else named


def resumed(before: Run, now: Run) -> Run:
    """The earlier run, to go on with: what its unfinished block had given is dropped, for it is measured as a whole.

    `now`: a new run of the same plan, on the stack that is up. Raises ShowdownError where that is another one.
    """
    for field, words in SAME.items():
        then, today = getattr(before, field), getattr(now, field)
        if then != today:
            raise ShowdownError(f"the run was made with {words} {then}, and now it would be {today}: start a new one")
    if _machines(before) != _machines(now):
        raise ShowdownError("the run was made on another machine: start a new one")
    finished = before.finished_blocks
    before.slices = [each for each in before.slices if each.block <= finished]
    before.ceilings = [each for each in before.ceilings if each.block <= finished]
    before.faults = [each for each in before.faults if each.block <= finished]
    return before


def _machines(run: Run) -> tuple[Machine, list[Host]]:
    """The machines as they are when nothing disturbs them."""
    calm = Disturbances()
    hosts = [host.model_copy(update={"machine": host.machine and calm.of(host.machine)}) for host in run.hosts]
    return calm.of(run.machine), hosts
