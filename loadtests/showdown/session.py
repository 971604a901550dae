"""One invocation of `showdown run`, wherever its stack is: measured, written down, shown."""

from functools import partial
from pathlib import Path

from showdown_stack.pgbouncer import PoolMode
from showdown_stack.tiers import TierOptions, running_tiers

from showdown.console import fail, out
from showdown.contenders.build import build
from showdown.generators.load import Generator
from showdown.generators.locust import LocustGenerator
from showdown.generators.oha import find_oha
from showdown.measure.plan import RunPlan, new_folder, new_run, require_new_folder
from showdown.measure.resume import resumed
from showdown.measure.runner import measure, planned_groups
from showdown.measure.schedule import connections_needed
from showdown.progress import measuring, seeding
from showdown.report import terminal
from showdown.report.output import write_report
from showdown.report.summary import summarize
from showdown.stacks.cloud.connection import connected_stack, service_host_counts
from showdown.stacks.cloud.outputs import read_outputs
from showdown.stacks.local import LocalStack
from showdown.stacks.stack import Stack


def measure_and_report(plan: RunPlan, stack: Stack, generator: Generator, folder: Path) -> None:
    """Measure what was planned, and report. Raises StackLostError; exits with code 1 where a contender lost a block."""
    run = new_run(plan, stack.describe(), generator.versions(), stack.variant_versions(plan.variants))
    if plan.resumed:
        run = resumed(plan.resumed, run)
    to_do = planned_groups(run, plan.scenarios, stack.available_connections(), stack.most_services, plan.contract.kinds)
    try:
        with measuring(run, to_do) as listener:
            measure(run, stack, plan.scenarios, generator, folder, listener, to_do)
    finally:
        # Whatever ends a run, what it has measured is worth a table; and a full disk keeps nobody from seeing it.
        if run.slices or run.ceilings:
            summary = summarize(run)
            terminal.show(summary, out)
            out.print(f"\n{write_report(summary, folder)}", highlight=False, markup=False, soft_wrap=True)
    if run.faults:
        fail(f"{len(run.faults)} times a contender lost a block; the others are in {folder}")


def tier_options(plan: RunPlan, *, haproxy: bool, pgbouncer: PoolMode | None) -> TierOptions:
    """A stack on which all that was planned can be up at once."""
    if plan.resumed:
        haproxy, pgbouncer = plan.resumed.haproxy, plan.resumed.pgbouncer
    return TierOptions(
        plan.contract,
        plan.recipes,
        plan.dsn,
        haproxy=haproxy,
        pgbouncer=pgbouncer,
        services=len(plan.variants),
        connections=sum(connections_needed(plan.variants, 1, ceiling=True).values()),
    )


def run_locally(plan: RunPlan, options: TierOptions, chosen: Path | None) -> None:
    """On a stack of this machine. Raises ShowdownError."""
    _require_folder(plan, chosen)
    generator: Generator = (
        find_oha(plan.contract.kinds)
        if plan.generator == "oha"
        else LocustGenerator(contract=tuple(plan.contract.words))
    )
    for name, scenario in plan.scenarios.items():
        generator.require(name, scenario, plan.recipes)
    build(plan.variants)
    with seeding(plan.recipes) as on_seeded, running_tiers(options, partial(_logs, plan, chosen), on_seeded) as parts:
        measure_and_report(plan, LocalStack(parts, options, contract=plan.contract), generator, parts.logs.parent)


def run_in_cloud(plan: RunPlan, service_hosts: str | None, identity: Path | None, chosen: Path | None) -> None:
    """On the hosts that `terraform apply` has made. Raises ShowdownError."""
    _require_folder(plan, chosen)
    outputs = read_outputs()
    counts = service_host_counts(service_hosts, outputs.stack, plan.variants)
    new_logs = partial(_logs, plan, chosen)
    with (
        seeding(plan.recipes) as on_seeded,
        connected_stack(outputs, counts, identity, plan.recipes, new_logs, on_seeded) as stack,
    ):
        measure_and_report(plan, stack, stack.generator(), stack.logs.parent)


def _require_folder(plan: RunPlan, chosen: Path | None) -> None:
    if not plan.resumed:
        require_new_folder(chosen)


def _logs(plan: RunPlan, chosen: Path | None) -> Path:
    """The folder for logs in the run's own, which is made now: nothing has been refused."""
    if plan.resumed:
        assert chosen is not None  # noqa: S101 - what is resumed is named
        logs = chosen.absolute() / "logs"
        logs.mkdir(exist_ok=True)
        return logs
    logs = new_folder(chosen) / "logs"
    logs.mkdir()
    return logs
