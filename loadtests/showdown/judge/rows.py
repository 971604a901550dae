"""The slices of one row brought together: a variant, under one scenario, on so many service hosts."""

from collections import Counter
from dataclasses import dataclass
from itertools import product
from typing import get_args

from showdown.generators.latencies import merged
from showdown.judge.verdicts.verdict import About
from showdown.measure.results import Run, Slice
from showdown.stacks.records import TierName


@dataclass(frozen=True)
class Row:
    """One row, with at least one slice."""

    run: Run
    variant: str
    scenario: str
    service_hosts: int
    slices: list[Slice]

    @property
    def about(self) -> About:
        return About(self.scenario, self.service_hosts, self.variant)

    @property
    def seconds(self) -> float:
        """How many seconds were measured."""
        return sum(one.measured_seconds for one in self.slices)

    @property
    def requests(self) -> int:
        return sum(one.requests for one in self.slices)

    @property
    def requests_per_second(self) -> float:
        """Over all its slices; wrong answers included, for they take the generator's time and the service's, too."""
        return self.requests / self.seconds if self.seconds else 0.0

    @property
    def errors(self) -> int:
        return sum(one.errors for one in self.slices)

    @property
    def failures(self) -> Counter[str]:
        """What was wrong with the errors, and how often."""
        failures: Counter[str] = Counter()
        for one in self.slices:
            failures.update(one.failures)
        return failures

    @property
    def mean_latency_seconds(self) -> float | None:
        """The mean of right answers; None if there was none."""
        histogram = merged(one.histogram for one in self.slices)
        return histogram.get_mean_value() / 1e6 if histogram.total_count else None

    def cores(self, tier: TierName) -> float | None:
        """How many cores the tier was busy on while it was measured; None where this is not known."""
        used = [
            (cpu * one.requests, one.measured_seconds)
            for one in self.slices
            if tier in one.tiers and (cpu := one.tiers[tier].cpu_us_per_request) is not None
        ]
        seconds = sum(measured for _, measured in used)
        return sum(microseconds for microseconds, _ in used) / 1e6 / seconds if seconds else None

    @property
    def used_cores(self) -> dict[TierName, float]:
        """By tier, where it is known."""
        return {tier: cores for tier in get_args(TierName) if (cores := self.cores(tier)) is not None}

    @property
    def usable_cores(self) -> dict[TierName, float]:
        """How many of this machine's cores a tier can use, where that may be fewer than all."""
        workers = self.run.variants[self.variant].workers
        # The upstream and the link have one thread each.
        return {"service": min(workers, self.run.machine.cores), "upstream": 1, "link": 1}

    @property
    def scarcest_cpu_share(self) -> float:
        """How busy the CPU was that bounds the row first: the machine's, or what a tier can use of it."""
        used = self.used_cores
        of_tiers = (used.get(tier, 0.0) / usable for tier, usable in self.usable_cores.items())
        return max(sum(used.values()) / self.run.machine.cores, *of_tiers)


def rows(run: Run) -> list[Row]:
    """All rows of a run except the ceiling's, in the order of tables."""
    slices: dict[tuple[str, int, str], list[Slice]] = {}
    for one in run.slices:
        slices.setdefault((one.scenario, one.service_hosts, one.variant), []).append(one)
    return [
        Row(run, variant, scenario, hosts, found)
        for scenario, hosts, variant in product(run.profile.scenarios, run.service_hosts, run.variants)
        if (found := slices.get((scenario, hosts, variant)))
    ]
