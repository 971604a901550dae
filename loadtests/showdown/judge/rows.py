"""The slices of one row brought together: a variant, under one scenario, on so many service hosts."""

from collections import Counter
from dataclasses import dataclass
from itertools import product

from showdown_stack.haproxy import PLACES

from showdown.generators.latencies import merged
from showdown.judge.verdicts.verdict import About
from showdown.measure.results import Run, Slice
from showdown.stacks.records import TierName
from showdown.types import MOST_POOL


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


def connections_at_once(run: Run, variant: str) -> int:
    """How many of a variant's connections can be in use on one host: no more than users, or than places in haproxy."""
    return min(run.variants[variant].pool, run.users_of(variant), PLACES if run.haproxy else MOST_POOL)


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
