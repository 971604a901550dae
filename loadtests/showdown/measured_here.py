"""What a capacity and an overload are measured with: a stack of this machine, a run, and its folder."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from showdown_stack.pgbouncer import PoolMode
from showdown_stack.tiers import running_tiers

from showdown.console import doing
from showdown.generators.locust import LocustGenerator
from showdown.measure.plan import RunPlan, new_logs, new_run, require_new_folder
from showdown.measure.results import Run
from showdown.progress import seeding
from showdown.session import build_all, tier_options
from showdown.stacks.local import LocalStack


@dataclass(frozen=True)
class Here:
    """What is measured, with what, and where it is written down."""

    run: Run
    stack: LocalStack
    generator: LocustGenerator
    folder: Path
    say: Callable[[str], object]
    """Shows what is done now."""


@contextmanager
def measured_here(
    plan: RunPlan, chosen: Path | None, slice_seconds: float, *, haproxy: bool, pgbouncer: PoolMode | None
) -> Iterator[Here]:
    """Build, start the tiers, and make the folder. Raises ShowdownError."""
    require_new_folder(chosen)
    generator = LocustGenerator(contract=tuple(plan.contract.words))
    options = tier_options(plan, haproxy=haproxy, pgbouncer=pgbouncer)
    build_all(plan, options)
    with seeding(plan.size) as on_seeded, running_tiers(options, partial(new_logs, chosen), on_seeded) as tiers:
        stack = LocalStack(tiers, options, plan.contract)
        run = new_run(plan, stack.describe(), generator.versions(), stack.variant_versions(plan.variants))
        run.profile = run.profile.model_copy(update={"blocks": 1, "slice_seconds": slice_seconds})
        with doing() as say:
            yield Here(run, stack, generator, tiers.logs.parent, say)
