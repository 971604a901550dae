"""What a capacity and an overload are measured with: their plan, a stack of this machine, a run, and its folder."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from showdown_stack.pgbouncer import PoolMode
from showdown_stack.tiers import running_tiers

from showdown.console import doing
from showdown.contract.contract import Contract
from showdown.generators.arrivals import Pattern
from showdown.generators.locust import LocustGenerator
from showdown.measure.plan import RunPlan, new_logs, new_run, plan_run, require_new_folder
from showdown.measure.rates import Rate
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


def planned_here(  # noqa: PLR0917 - the commands' options, one by one
    variants: str | None,
    scenarios: str | None,
    arrivals: Pattern,
    size: int | None,
    seed: int,
    dsn: str | None,
    contract: Contract,
    variants_file: Path | None,
) -> RunPlan:
    """Loads that follow from what each variant can do at most. Raises ShowdownError."""
    return plan_run(
        variants, scenarios, contract.profile, "locust", contract.size(size), seed, dsn, contract, variants_file,
        twin=False, rate=Rate(percent_of_capacity=100, pattern=arrivals),
    )  # fmt: skip


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
