"""Plans the run of a chain, which is one of all its variants."""

from collections.abc import Sequence
from dataclasses import replace

from showdown_contract.errors import ShowdownError

from showdown.contract.contract import Contract
from showdown.measure.plan import RunPlan, plan_run
from showdown.selection import find


def plan_chain(  # noqa: PLR0917 - the command's options, one by one
    name: str,
    scenarios: str | None,
    profile_name: str | None,
    size: int | None,
    seed: int,
    dsn: str | None,
    contract: Contract,
    *,
    both_ways: bool,
    twin: bool = True,
    latencies: Sequence[float] | None = None,
) -> RunPlan:
    """Look everything up by its name; what is not given, the chain says. Raises ShowdownError."""
    if not contract.chains:
        raise ShowdownError(f"{contract.name} has no chains: contract.toml names no file of them")
    known = find("chain", contract.chains, name)
    chain = known.measured(both_ways=both_ways)
    if scenarios is None and known.scenarios is not None:
        scenarios = ",".join(known.scenarios)
    names = [*chain.variants(), *(known.beside.variants() if known.beside else [])]
    size = contract.size(known.size if size is None else size)
    plan = plan_run(
        ",".join(dict.fromkeys(names)), scenarios, profile_name or known.profile or contract.profile, "locust", size,
        seed, dsn, contract, twin=twin, latencies=known.latencies_ms if latencies is None else latencies,
    )  # fmt: skip
    return replace(plan, baseline=chain.first, chain=chain, beside=known.beside)
