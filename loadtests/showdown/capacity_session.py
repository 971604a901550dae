"""One invocation of `showdown capacity`: a stack of this machine, a search on it, and what it has found."""

from pathlib import Path

from showdown_stack.pgbouncer import PoolMode

from showdown.console import fail, show_result
from showdown.measure.capacity import SLICE_SECONDS, find_capacities
from showdown.measure.capacity_results import Capacities, write_capacities
from showdown.measure.objective import Objective
from showdown.measure.plan import RunPlan
from showdown.measured_here import measured_here
from showdown.report.capacity_table import show_capacities


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
    with measured_here(plan, chosen, SLICE_SECONDS, haproxy=haproxy, pgbouncer=pgbouncer) as here:
        found = find_capacities(
            here.run, here.stack, plan.scenarios, plan.contract.kinds, here.generator, here.folder, objective, here.say
        )
    show_result(found, show_capacities, [write_capacities], here.folder, as_json=as_json)
    if missed := ",".join(dict.fromkeys(each.variant for each in found.found if not each.is_confirmed)):
        fail(
            f"without a confirmed answer: {missed}. Search again for these with --variants {missed}, on a quiet machine"
        )
    return found
