"""One invocation of `showdown overload`: a stack of this machine, too much load on it, and what became of it."""

from pathlib import Path

from showdown_stack.pgbouncer import PoolMode

from showdown.console import fail, show_result
from showdown.measure.overload import SLICE_SECONDS, find_overload
from showdown.measure.overload_results import Overload, write_overload
from showdown.measure.plan import RunPlan
from showdown.measured_here import measured_here
from showdown.report.overload_table import show_overload, write_overload_markdown


def overload(
    plan: RunPlan, chosen: Path | None, *, haproxy: bool, pgbouncer: PoolMode | None, as_json: bool = False
) -> Overload:
    """Measure, show and write down. Raises ShowdownError; ends with code 1 where a variant failed."""
    with measured_here(plan, chosen, SLICE_SECONDS, haproxy=haproxy, pgbouncer=pgbouncer) as here:
        found = find_overload(
            here.run, here.stack, plan.scenarios, plan.contract.kinds, here.generator, here.folder, here.say
        )
    show_result(found, show_overload, [write_overload, write_overload_markdown], here.folder, as_json=as_json)
    if failed := ",".join(dict.fromkeys(each.variant for each in found.found if each.fault)):
        fail(f"not measured to the end: {failed}. The logs are in {here.folder}")
    return found
