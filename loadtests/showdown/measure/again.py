"""Plans a run once more, by what its results say of it."""

from pathlib import Path

from showdown_contract.errors import ShowdownError

from showdown.contenders.variants import Variant
from showdown.contract.contract import Contract
from showdown.measure.plan import RunPlan
from showdown.measure.results import Run
from showdown.requests.latency import with_latencies
from showdown.selection import find


def plan_again(run: Run, dsn: str | None, contract: Contract, variants_file: Path | None = None) -> RunPlan:
    """The same variants with the same knobs, under the same scenarios and profile. Raises ShowdownError."""
    contenders = contract.contenders(variants_file)
    originals = run.originals()
    known = contenders.known(originals.values())
    variants = {
        name: _as_recorded(find("variant", known, originals[name]), recorded) for name, recorded in run.variants.items()
    }
    return recorded_plan(run, variants, dsn, contract)


def recorded_plan(run: Run, variants: dict[str, Variant], dsn: str | None, contract: Contract) -> RunPlan:
    """What was planned for a run, with these variants and as many blocks as it has. Raises ShowdownError."""
    if run.external_postgres != (dsn is not None):
        raise ShowdownError(
            "the run was measured on a database of the user's: name it with --dsn"
            if run.external_postgres
            else "the run was measured on a Postgres that showdown had started: leave out --dsn"
        )
    workloads = with_latencies(contract.scenarios.scenarios, run.latency_ms)
    return RunPlan(
        variants=variants,
        baseline=run.baseline,
        twin=run.twin,
        profile_name=run.profile_name,
        profile=run.profile,
        scenarios={name: find("scenario", workloads, name) for name in run.profile.scenarios},
        generator=run.generator,
        size=run.size,
        seed=run.seed,
        dsn=dsn,
        contract=contract,
        # With the capacities of then: it is the same load.
        rate=run.rate,
        latency_ms=run.latency_ms,
        chain=run.chain,
        beside=run.beside,
        sweep=run.sweep,
        virtual=run.virtual,
    )


def _as_recorded(now: Variant, recorded: Variant) -> Variant:
    """What results do not say, where its commands are run, is what the entry of today says."""
    return now.model_copy(update={field: getattr(recorded, field) for field in Variant.model_fields})
