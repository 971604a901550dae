"""One invocation of `showdown faults`: capacities first, then one fault after the other, and what came of them."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_stack.tiers import TierOptions, Tiers, running_tiers

from showdown.console import doing, fail, show_result
from showdown.contenders.build import build_link
from showdown.faults.fault_file import Fault
from showdown.faults.fault_plan import FaultPlan
from showdown.faults.fault_report import show_faults, write_report
from showdown.faults.fault_results import Faults, write_faults
from showdown.faults.fault_run import Scene, measure_fault
from showdown.generators.arrival_log import ArrivalLog
from showdown.generators.locust import LocustGenerator
from showdown.measure.capacities import measure_capacities
from showdown.measure.capacity import without_ceiling
from showdown.measure.plan import new_logs, new_run, require_new_folder
from showdown.measure.results import Run
from showdown.measure.runner import Listener, planned_groups
from showdown.progress import seeding
from showdown.session import build_all
from showdown.stacks.local import LocalStack

ARRIVALS = "arrivals"


def faults(plan: FaultPlan, chosen: Path | None, *, as_json: bool = False) -> Faults:
    """Cause the faults, show and write down. Raises ShowdownError; ends with code 1 where a promise was broken.

    Where it is stopped before its end, what is finished is shown and kept.
    """
    require_new_folder(chosen)
    build_all(plan.run, plan.capacity_options())
    if plan.needs("link"):
        build_link()
    run, logs = _with_capacities(plan, chosen)
    folder = logs.parent
    found = Faults(run=run, faults=dict(plan.faults))
    try:
        with ArrivalLog(folder / ARRIVALS, plan.run.contract, plan.run.size) as generator:
            generator.wait_until_ready()
            for options, of_stack in plan.stacks():
                with _stack(options, of_stack, logs, found) as tiers:
                    if tiers is not None:
                        scene = Scene(
                            tiers, plan.run.contract, plan.acknowledged, generator, plan.run.size, plan.run.seed
                        )
                        _measure(plan, scene, of_stack, found, folder)
        found.finished_at = datetime.now(UTC).isoformat(timespec="seconds")
    finally:
        show_result(found, show_faults, [write_report, write_faults], folder, as_json=as_json)
    require_kept(found)
    return found


def require_kept(found: Faults) -> None:
    """Exit with code 1 if a promise was broken."""
    broken = [f"{each.variant} under {each.fault}" for each in found.measured if each.broken]
    if broken:
        fail(f"promises that were broken: {', '.join(broken)}; the report says which, and what was done when")
    if not found.measured:
        fail("nothing was measured: the report says why")


def _with_capacities(plan: FaultPlan, chosen: Path | None) -> tuple[Run, Path]:
    """A run whose variants' capacities are known, and the folder for logs. Raises ShowdownError."""
    options = plan.capacity_options()
    with seeding(plan.run.size) as on_seeded, running_tiers(options, partial(new_logs, chosen), on_seeded) as tiers:
        if tiers.haproxy is None:
            raise ShowdownError("faults are caused behind haproxy, which is not installed: type 'make set-up'")
        stack = LocalStack(tiers, options, plan.run.contract)
        generator = LocustGenerator(contract=tuple(plan.run.contract.words))
        run = new_run(plan.run, stack.describe(), generator.versions(), stack.variant_versions(plan.run.variants))
        kinds = plan.run.contract.kinds
        to_do = planned_groups(run, plan.run.scenarios, stack.available_connections(), stack.most_services, kinds)
        with doing("measuring what each variant can do at most") as say:
            listener = Listener(
                on_step=say,
                on_turn=lambda turn: say(f"{turn.scenario}  {turn.contender}"),
                on_seconds=lambda _: None,
                on_group=lambda _: None,
                on_fault=lambda _: None,
            )
            to_do = [without_ceiling(group) for group in to_do]
            measure_capacities(run, stack, plan.run.scenarios, generator, tiers.logs.parent, listener, to_do)
        return run, tiers.logs


@contextmanager
def _stack(options: TierOptions, of_stack: Mapping[str, Fault], logs: Path, found: Faults) -> Iterator[Tiers | None]:
    """A stack on which these faults can be caused; None where this machine lacks something, as `found` is told."""
    with ExitStack() as resources:
        tiers: Tiers | None = None
        lacking = "pgbouncer is not installed"
        try:
            tiers = resources.enter_context(running_tiers(options, lambda: logs))
        except ShowdownError as error:
            # A small disk is what not every machine can have.
            if options.disk_mib is None:
                raise
            lacking = str(error)
        if tiers is None or (options.pgbouncer and tiers.pgbouncer is None):
            found.left_out |= dict.fromkeys(of_stack, lacking)
            yield None
        else:
            yield tiers


def _measure(plan: FaultPlan, scene: Scene, of_stack: Mapping[str, Fault], found: Faults, folder: Path) -> None:
    """Measure faults into `found`, and keep the folder's faults.json up to date."""
    with doing() as say:
        for name, variant in plan.run.variants.items():
            for fault_name, fault in of_stack.items():
                rate = found.run.rate.of(name, fault.scenario, 1) if found.run.rate else None
                if rate is None:
                    # A note of the run says why.
                    continue
                say(f"{name}  {fault_name}")
                found.measured.append(measure_fault(scene, name, variant, fault_name, fault, max(1.0, rate)))
                write_faults(found, folder)
