"""One invocation of `showdown capacity`: a stack of this machine, a search on it, and what it has found."""

from functools import partial
from pathlib import Path

from showdown_stack.pgbouncer import PoolMode
from showdown_stack.tiers import running_tiers

from showdown.console import doing, fail, notices, out, write_json
from showdown.generators.locust import LocustGenerator
from showdown.measure.capacity import SLICE_SECONDS, find_capacities
from showdown.measure.capacity_results import Capacities, write_capacities
from showdown.measure.objective import Objective
from showdown.measure.plan import LOGS, RunPlan, new_folder, new_run, require_new_folder
from showdown.progress import seeding
from showdown.report.capacity_table import show_capacities
from showdown.session import build_all, tier_options
from showdown.stacks.local import LocalStack


def capacity(
    plan: RunPlan,
    objective: Objective,
    chosen: Path | None,
    *,
    haproxy: bool,
    pgbouncer: PoolMode | None,
    as_json: bool = False,
) -> Capacities:
    """Search, show and write down. Raises ShowdownError; ends with code 1 where an answer is not confirmed."""
    require_new_folder(chosen)
    generator = LocustGenerator(contract=tuple(plan.contract.words))
    options = tier_options(plan, haproxy=haproxy, pgbouncer=pgbouncer)
    build_all(plan, options)
    with seeding(plan.size) as on_seeded, running_tiers(options, partial(_logs, chosen), on_seeded) as tiers:
        stack = LocalStack(tiers, options, plan.contract)
        run = new_run(plan, stack.describe(), generator.versions(), stack.variant_versions(plan.variants))
        run.profile = run.profile.model_copy(update={"blocks": 1, "slice_seconds": SLICE_SECONDS})
        folder = tiers.logs.parent
        with doing() as say:
            found = find_capacities(run, stack, plan.scenarios, plan.contract.kinds, generator, folder, objective, say)
    if as_json:
        write_json(found)
    else:
        show_capacities(found, out)
    path = write_capacities(found, folder)
    (notices if as_json else out).print(f"\n{path}", highlight=False, markup=False, soft_wrap=True)
    if missed := ",".join(dict.fromkeys(each.variant for each in found.found if not each.is_confirmed)):
        fail(
            f"without a confirmed answer: {missed}. Search again for these with --variants {missed}, on a quiet machine"
        )
    return found


def _logs(chosen: Path | None) -> Path:
    """Make the folder, with one for logs in it. Called only after all checks have passed."""
    logs = new_folder(chosen) / LOGS
    logs.mkdir()
    return logs
