"""One invocation of `showdown run`, wherever its stack is: measured, written down, shown."""

from functools import partial
from pathlib import Path

from showdown_stack.tiers import TierOptions, running_tiers

from showdown.console import err, fail, out
from showdown.contenders.build import build
from showdown.generators.load import Generator
from showdown.generators.locust import LocustGenerator
from showdown.generators.oha import find_oha
from showdown.measure.plan import RunPlan, new_folder, new_run, require_new_folder
from showdown.measure.runner import measure
from showdown.progress import measuring, seeding
from showdown.report import terminal
from showdown.report.output import write_report
from showdown.report.summary import summarize
from showdown.stacks.cloud.connection import connected_stack, service_host_counts
from showdown.stacks.cloud.outputs import read_outputs
from showdown.stacks.local import LocalStack
from showdown.stacks.stack import Stack


def measure_and_report(plan: RunPlan, stack: Stack, generator: Generator, folder: Path) -> None:
    """Measure what was planned, and report. Raises StackLostError; exits with code 1 where a round has no result."""
    run = new_run(plan, stack.describe(), generator.versions(), stack.variant_versions(plan.variants))
    try:
        with measuring(run, plan.scenarios, plan.contract.kinds) as listener:
            measure(run, stack, plan.scenarios, generator, folder, listener, plan.contract.kinds)
    finally:
        # However a run ends, show what it has measured, before writing to a disk that may be full.
        if run.results or run.ceilings:
            summary = summarize(run)
            terminal.show(summary, out)
            out.print(f"\n{write_report(summary, folder)}", highlight=False, markup=False, soft_wrap=True)
    if run.faults:
        fail(f"{len(run.faults)} round(s) gave no result; the others are in {folder}")


def run_locally(plan: RunPlan, options: TierOptions, chosen: Path | None) -> None:
    """On a stack of this machine. Raises ShowdownError."""
    require_new_folder(chosen)
    generator: Generator = (
        find_oha(plan.contract.kinds)
        if plan.generator == "oha"
        else LocustGenerator(contract=tuple(plan.contract.words))
    )
    for name, scenario in plan.scenarios.items():
        generator.require(name, scenario, plan.recipes)
    build(plan.variants)
    with seeding(plan.recipes) as on_seeded, running_tiers(options, partial(_new_logs, chosen), on_seeded) as parts:
        measure_and_report(plan, LocalStack(parts, options, plan.contract), generator, parts.logs.parent)


def run_in_cloud(plan: RunPlan, service_hosts: str | None, identity: Path | None, chosen: Path | None) -> None:
    """On the hosts that `terraform apply` has made. Raises ShowdownError."""
    require_new_folder(chosen)
    outputs = read_outputs()
    counts = service_host_counts(service_hosts, outputs.stack, plan.variants)
    new_logs = partial(_new_logs, chosen)
    with (
        seeding(plan.recipes) as on_seeded,
        connected_stack(outputs, counts, identity, plan.recipes, new_logs, on_seeded) as stack,
    ):
        with err.status("building on the service hosts, which takes minutes the first time"):
            stack.build(plan.variants)
        measure_and_report(plan, stack, stack.generator(), stack.logs.parent)


def _new_logs(chosen: Path | None) -> Path:
    """Make the run's folder, with one for logs in it. Called only after all checks have passed."""
    logs = new_folder(chosen) / "logs"
    logs.mkdir()
    return logs
