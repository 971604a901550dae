"""Plans the run of a chain, which is one of all its variants."""

from dataclasses import replace

from showdown_contract.errors import ShowdownError

from showdown.contract.contract import Contract
from showdown.measure.plan import RunPlan, plan_run
from showdown.selection import find


def plan_chain(  # noqa: PLR0917 - the command's options, one by one
    name: str,
    scenarios: str | None,
    profile_name: str,
    size: int | None,
    seed: int,
    dsn: str | None,
    contract: Contract,
    *,
    both_ways: bool,
    twin: bool = True,
) -> RunPlan:
    """Look everything up by its name. Raises ShowdownError."""
    if not contract.chains:
        raise ShowdownError(f"{contract.name} has no chains: contract.toml names no file of them")
    known = find("chain", contract.chains, name)
    chain = known.measured(both_ways=both_ways)
    if scenarios is None and known.scenarios is not None:
        scenarios = ",".join(known.scenarios)
    names = ",".join(chain.variants())
    size = contract.size(known.size if size is None else size)
    plan = plan_run(names, scenarios, profile_name, "locust", size, seed, dsn, contract, twin=twin)
    return replace(plan, baseline=chain.first, chain=chain)
