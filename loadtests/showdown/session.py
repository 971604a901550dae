"""One invocation of `showdown run`, wherever its stack is: measured, written down, shown."""

import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_stack.pgbouncer import PoolMode
from showdown_stack.tiers import TierOptions, running_tiers

from showdown.console import View, doing, notice, say_at_the_end
from showdown.contenders.build import build, build_link, build_upstream
from showdown.ending import show_report
from showdown.generators.load import Generator
from showdown.generators.locust import LocustGenerator
from showdown.generators.oha import find_oha
from showdown.judge.precision import is_precise_enough
from showdown.measure.capacities import measure_capacities
from showdown.measure.generator_ceiling import measure_generator_ceiling
from showdown.measure.more_blocks import MoreBlocks, no_more
from showdown.measure.plan import LOGS, RunPlan, new_logs, new_run, require_new_folder
from showdown.measure.profiling import profile
from showdown.measure.results import FILE, Run
from showdown.measure.resume import resumed
from showdown.measure.runner import Group, measure, planned_groups
from showdown.measure.schedule import connections_needed, groups
from showdown.progress import measuring, seeding
from showdown.report.prices import load_prices
from showdown.report.setting import listed
from showdown.report.summary import Summary, summarize
from showdown.sampling.flame_graphs import require_inferno
from showdown.sampling.layers import load_layers
from showdown.sampling.profilers import PROFILERS
from showdown.stacks.cloud.connection import connected_stack, service_host_counts
from showdown.stacks.cloud.cost import reminder
from showdown.stacks.cloud.inventory import read_inventory
from showdown.stacks.cloud.outputs import Outputs, read_outputs
from showdown.stacks.local import LocalStack
from showdown.stacks.records import StackKind
from showdown.stacks.stack import Stack

# What results do not say, or not so that it can be used again.
REPEATED = ("--stack", "--inventory", "--identity", "--contract", "--variants-file", "--dsn", "--profile-with")


def measure_and_report(
    plan: RunPlan, stack: Stack, generator: Generator, folder: Path, show: Callable[[Summary, Path], object]
) -> Run:
    """Measure what was planned, and report. Raises StackLostError.

    `show`: what is done with the results, also where the run is stopped before its end. Until then only results.json is
    written: to draw a report takes CPU time, on the machine that is measured. Who follows a run (`report --watch`) has
    its page drawn from that.
    """
    run = new_run(plan, stack.describe(), generator.versions(), stack.variant_versions(plan.variants))
    if plan.resumed:
        run = resumed(plan.resumed, run)
    available, kinds = stack.available_connections(), plan.contract.kinds

    def planned(run: Run) -> list[Group]:
        return planned_groups(run, plan.scenarios, available, stack.most_services, kinds)

    to_do = planned(run)
    try:
        with measuring(run, to_do) as listener:
            measure_generator_ceiling(run, plan, stack, generator, folder, listener)
            measure_capacities(run, stack, plan.scenarios, generator, folder, listener, to_do)
            more = MoreBlocks(plan.until, is_precise_enough, planned) if plan.until else no_more
            measure(run, stack, plan.scenarios, generator, folder, listener, to_do, more)
        if plan.profiler:
            with doing() as say:
                profile(run, PROFILERS[plan.profiler], stack, plan.scenarios, generator, folder, say)
    finally:
        # However a run ends, show what it has measured, before writing to a disk that may be full.
        if run.slices or run.ceilings:
            show(summarize(run, load_prices()), folder)
        if run.finished_at is None and (folder / FILE).exists():
            notice(f"the run is not finished: go on with {_resuming(run, folder)}")
    return run


def tier_options(plan: RunPlan, *, haproxy: bool, pgbouncer: PoolMode | None) -> TierOptions:
    """A stack on which all that was planned can be up at once."""
    if plan.resumed:
        haproxy, pgbouncer = plan.resumed.haproxy, plan.resumed.pgbouncer
    return TierOptions(
        plan.contract,
        plan.size,
        plan.dsn,
        haproxy=haproxy,
        pgbouncer=pgbouncer,
        services=len(plan.variants),
        connections=sum(connections_needed(plan.variants, 1, ceiling=True).values()),
        upstream=bool(_calling_upstream(plan)),
        link=bool(plan.latency_ms),
    )


def run_locally(
    plan: RunPlan,
    options: TierOptions,
    chosen: Path | None,
    view: View = "table",
    *,
    show: Callable[[Summary, Path], object] | None = None,
) -> Run:
    """On a stack of this machine. Raises ShowdownError.

    `show`: what is done with the results; they are printed and written down, if not given.
    """
    _require_folder(plan, chosen)
    generator: Generator = (
        find_oha(plan.contract.kinds)
        if plan.generator == "oha"
        else LocustGenerator(contract=tuple(plan.contract.words))
    )
    for name, scenario in plan.scenarios.items():
        generator.require(name, scenario, plan.size)
    if plan.profiler:
        PROFILERS[plan.profiler].require()
        require_inferno()
        load_layers()
    build_all(plan, options)
    with seeding(plan.size) as on_seeded, running_tiers(options, partial(_logs, plan, chosen), on_seeded) as tiers:
        stack = LocalStack(tiers, options, plan.contract)
        return measure_and_report(plan, stack, generator, tiers.logs.parent, show or partial(show_report, view=view))


def hosts_of(stack: StackKind, inventory: Path | None) -> Outputs:
    """What is said of the hosts of a stack: by an inventory, or by Terraform. Raises ShowdownError."""
    if stack != "hosts":
        return read_outputs()
    if inventory is None:
        raise ShowdownError("name the file that lists the hosts with --inventory: infra/inventory.example.toml is one")
    return read_inventory(inventory)


def run_on_hosts(  # noqa: PLR0917 - no two mean the same
    plan: RunPlan,
    outputs: Outputs,
    service_hosts: str | None,
    identity: Path | None,
    chosen: Path | None,
    view: View = "table",
) -> Run:
    """On hosts that SSH reaches. Raises ShowdownError."""
    _require_folder(plan, chosen)
    if calling := _calling_upstream(plan):
        raise ShowdownError(
            f"there is no host for an upstream yet, which {', '.join(calling)} needs: "
            "choose other --scenarios or --variants"
        )
    if plan.latency_ms:
        raise ShowdownError(
            f"hosts are as far from each other as they are, so {', '.join(plan.latency_ms)} cannot be "
            "measured there: choose other --scenarios"
        )
    if outputs.cost:
        say_at_the_end(reminder(outputs.cost))
    counts = plan.resumed.service_hosts if plan.resumed else service_host_counts(service_hosts, outputs, plan.variants)
    _require_room(plan, counts, outputs)
    new_logs = partial(_logs, plan, chosen)
    with (
        seeding(plan.size) as on_seeded,
        connected_stack(outputs, counts, identity, plan.size, new_logs, on_seeded) as stack,
    ):
        with doing("building on the service hosts, which takes minutes the first time"):
            stack.build(plan.variants)
        return measure_and_report(plan, stack, stack.generator(), stack.logs.parent, partial(show_report, view=view))


def _resuming(run: Run, folder: Path) -> str:
    """The command that goes on with a run."""
    typed = shlex.split(run.command)
    repeated = [name for name in REPEATED if any(word.partition("=")[0] == name for word in typed)]
    the_same = f", and the same {listed(repeated)} as before" if repeated else ""
    return f"{shlex.join(['showdown', 'run', '--resume', str(folder)])}{the_same}"


def build_all(plan: RunPlan, options: TierOptions) -> None:
    """Bring up to date what is measured, and what that calls. Raises ShowdownError."""
    build(plan.variants)
    if options.upstream:
        build_upstream(needed=True)
    if options.link:
        build_link()


def _calling_upstream(plan: RunPlan) -> list[str]:
    """The scenarios in which services call an upstream, and the variants for which it is the collector."""
    return [
        *(name for name, scenario in plan.scenarios.items() if scenario.calls_upstream(plan.contract.kinds)),
        *(name for name, variant in plan.variants.items() if variant.needs_collector),
    ]


def _require_room(plan: RunPlan, service_hosts: list[int], outputs: Outputs) -> None:
    """Refuse now what the pool has too few connections for. Raises ShowdownError."""
    available = outputs.stack.database.lasting_connections
    needed = connections_needed(plan.variants, max(service_hosts), ceiling=True)
    groups(needed, plan.baseline, available, len(outputs.stack.service_ports))


def _require_folder(plan: RunPlan, chosen: Path | None) -> None:
    if not plan.resumed:
        require_new_folder(chosen)


def _logs(plan: RunPlan, chosen: Path | None) -> Path:
    """The folder for logs, in the run's. Called only after all checks have passed."""
    if plan.resumed:
        assert chosen is not None  # noqa: S101 - a run that is resumed has a folder
        logs = chosen.absolute() / LOGS
        logs.mkdir(exist_ok=True)
        return logs
    return new_logs(chosen)
