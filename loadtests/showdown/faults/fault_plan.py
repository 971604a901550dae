"""What `showdown faults` is to do, and on which stacks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from showdown_stack.tiers import TierOptions

from showdown.contract.contract import Contract
from showdown.faults.fault_file import Acknowledged, Fault, load_fault_file
from showdown.measure.plan import RunPlan, plan_run
from showdown.measure.rates import Rate
from showdown.session import tier_options

# Of each variant's capacity: what a service has to bear that was given enough hosts.
PERCENT_OF_CAPACITY = 50.0
# Capacities are measured shortly, for half of one need not be exact.
CAPACITY_WARM_UP_SECONDS, CAPACITY_SECONDS = 1.0, 2.0
# Room in Postgres's data folder before it is filled.
DISK_MIB = 96

Needs: TypeAlias = tuple[list[str], int]
"""Tiers, and how many instances of a service there are."""


@dataclass(frozen=True)
class FaultPlan:
    """What is to be measured."""

    run: RunPlan
    acknowledged: Acknowledged
    faults: Mapping[str, Fault]

    def needs(self, tier: str) -> bool:
        """Whether some fault needs a tier."""
        return any(tier in fault.tiers for fault in self.faults.values())

    def capacity_options(self) -> TierOptions:
        """A stack on which capacities are measured, all variants side by side."""
        return replace(tier_options(self.run, haproxy=True, pgbouncer=None), upstream=self.needs("upstream"))

    def stacks(self) -> Iterator[tuple[TierOptions, dict[str, Fault]]]:
        """The faults that can be caused on one stack, and that stack."""
        for (tiers, instances), of_needs in groupby(sorted(self.faults.items(), key=_needs_of), key=_needs_of):
            options = TierOptions(
                self.run.contract,
                self.run.size,
                pgbouncer="session" if "pgbouncer" in tiers else None,
                # Of a service that was killed, Postgres may notice later than the next one connects.
                connections=2 * instances * max(variant.pool for variant in self.run.variants.values()),
                upstream="upstream" in tiers,
                link="link" in tiers,
                instances=instances,
                disk_mib=DISK_MIB if "disk" in tiers else None,
            )
            yield options, dict(of_needs)


def plan_faults(  # noqa: PLR0917 - the command's options, one by one
    variants: str | None, names: str | None, size: int | None, seed: int, contract: Contract, variants_file: Path | None
) -> FaultPlan:
    """Look everything up by its name. Raises ShowdownError."""
    file = load_fault_file(contract)
    faults = file.named(names)
    scenarios = ",".join(dict.fromkeys(fault.scenario for fault in faults.values()))
    rate = Rate(percent_of_capacity=PERCENT_OF_CAPACITY)
    run = plan_run(
        variants, scenarios, contract.profile, "locust", contract.size(size), seed, None, contract, variants_file,
        twin=False, rate=rate,
    )  # fmt: skip
    times = {"warm_up_seconds": CAPACITY_WARM_UP_SECONDS, "slice_seconds": CAPACITY_SECONDS}
    run = replace(run, profile=run.profile.model_copy(update={"blocks": 1, "laps": 1, **times}))
    return FaultPlan(run, file.acknowledged, faults)


def _needs_of(named: tuple[str, Fault]) -> Needs:
    _, fault = named
    return sorted(fault.tiers), fault.instances
