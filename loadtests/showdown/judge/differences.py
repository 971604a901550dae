"""What differs between two runs, variant by variant."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from showdown.contenders.variants import RESERVED
from showdown.judge.comparisons import MEASURES, SERVICE_CPU, Comparison, Measure, compare
from showdown.judge.intervals import Estimate
from showdown.judge.ranks import holm
from showdown.measure.results import Run

# What a service costs is the service's: no generator changes it by more.
GENERATORS_AGREE = 0.05


@dataclass(frozen=True)
class Difference:
    """One variant, under one scenario, in one measure."""

    scenario: str
    service_hosts: int
    variant: str
    measure: Measure
    to_baseline: bool
    """Whether it is the ratio to the baseline that is compared: what the whole machine did drops out."""
    first: Estimate
    second: Estimate
    ratio: Estimate
    """The second run's ÷ the first's."""
    established: bool
    """With the confidence of the intervals, for all of these together: those of one measure, to the baseline or not."""

    @property
    def inside(self) -> bool:
        """Whether the second run's value lies in the first one's interval."""
        low, high = self.first.interval
        return bool(low <= self.second.value <= high)

    @property
    def is_better(self) -> bool:
        return (self.ratio.log > 0) == self.measure.more_is_better


def obstacles(first: Run, second: Run) -> list[str]:
    """Why two runs cannot be compared: what else would explain a difference."""
    same = {
        "machine": (_machine(first), _machine(second)),
        "hosts": (_hosts(first), _hosts(second)),
        "contract": (first.contract, second.contract),
        "data set": (f"{first.size:,} recipes", f"{second.size:,} recipes"),
    }
    return [f"the {what} differs: {one}, and {other}" for what, (one, other) in same.items() if one != other]


def circumstances(first: Run, second: Run) -> list[str]:
    """What else is not the same; one of these may be the change that is to be judged."""
    same: dict[str, tuple[object, object]] = {
        "commit": (first.commit, second.commit),
        "generator": (first.generator, second.generator),
        "users": (first.profile.users, second.profile.users),
        "rate": (first.rate or "none", second.rate or "none"),
        "haproxy": (_word(first.haproxy), _word(second.haproxy)),
        "pgbouncer": (first.pgbouncer or "no", second.pgbouncer or "no"),
        "Postgres of the user's": (_word(first.external_postgres), _word(second.external_postgres)),
    }
    for part in first.versions.keys() | second.versions.keys():
        same[part] = (first.versions.get(part, "no"), second.versions.get(part, "no"))
    for name in first.variants.keys() & second.variants.keys():
        one, other = (run.variants[name].model_dump() for run in (first, second))
        for knob in ("command", "environment", "workers", "pool", "lookup"):
            same[f"{knob} of {name}"] = (one[knob], other[knob])
        versions = [run.variant_versions.get(name, {}) for run in (first, second)]
        same[f"versions of {name}"] = (versions[0], versions[1])
    return [f"{what}: {one}, and {other}" for what, (one, other) in sorted(same.items()) if one != other]


def differences(first: Run, second: Run) -> list[Difference]:
    """The differences of what both runs measured, in the order of the first one's tables."""
    hosts = [count for count in first.service_hosts if count in second.service_hosts]
    found: list[Difference] = []
    for scenario, count, measure in product(first.profile.scenarios, hosts, MEASURES):
        one, other = (compare(run, scenario, count, measure) for run in (first, second))
        found += _established(_levels(one, other))
        if one.baseline == other.baseline:
            found += _established(_ratios(one, other))
    return found


def generators_disagree(first: Run, second: Run, found: Iterable[Difference]) -> list[Difference]:
    """Whose CPU time per request two generators see differently, by more than GENERATORS_AGREE."""
    if first.generator == second.generator:
        return []
    return [
        one
        for one in found
        if one.measure is SERVICE_CPU
        and not one.to_baseline
        and not 1 / (1 + GENERATORS_AGREE) <= one.ratio.value <= 1 + GENERATORS_AGREE
    ]


def quotient(first: Estimate, second: Estimate) -> Estimate:
    """The second ÷ the first, of independent estimates.

    B. L. Welch, "The generalization of 'Student's' problem when several different population variances are
    involved", Biometrika 34 (1947).
    """
    variances = first.standard_error**2, second.standard_error**2
    degrees = first.degrees_of_freedom, second.degrees_of_freedom
    uncertainty = sum(variance**2 / own for variance, own in zip(variances, degrees, strict=True))
    return Estimate(
        log=second.log - first.log,
        standard_error=sum(variances) ** 0.5,
        degrees_of_freedom=sum(variances) ** 2 / uncertainty if uncertainty else sum(degrees),
        blocks=min(first.blocks, second.blocks),
        confidence=max(first.confidence, second.confidence),
    )


def _levels(one: Comparison, other: Comparison) -> Iterator[Difference]:
    for name in one.levels:
        if name in other.levels:
            yield _difference(one, name, one.levels[name], other.levels[name], to_baseline=False)


def _ratios(one: Comparison, other: Comparison) -> Iterator[Difference]:
    for name in one.levels:
        # The ceiling's ratio would only show a change of the baseline.
        if (
            name not in {one.baseline, *RESERVED}
            and (before := one.to_baseline(name))
            and (after := other.to_baseline(name))
        ):
            yield _difference(one, name, before, after, to_baseline=True)


def _difference(of: Comparison, variant: str, first: Estimate, second: Estimate, *, to_baseline: bool) -> Difference:
    ratio = quotient(first, second)
    return Difference(
        of.scenario, of.service_hosts, variant, of.measure, to_baseline, first, second, ratio, established=False
    )


def _established(found: Iterator[Difference]) -> list[Difference]:
    """Corrected for the number of comparisons."""
    all_ = list(found)
    adjusted = holm({number: difference.ratio.p_value for number, difference in enumerate(all_)})
    return [
        replace(difference, established=adjusted[number] <= difference.ratio.significance)
        for number, difference in enumerate(all_)
    ]


def _machine(run: Run) -> str:
    machine = run.machine
    memory = f"{machine.memory_mib / 1024:.0f} GiB"
    return f"{machine.cores} cores of {machine.cpu}, {memory}, {machine.system}, {machine.virtual or 'not virtual'}"


def _hosts(run: Run) -> str:
    return ", ".join(sorted(f"{host.tier} {host.size}" for host in run.hosts)) or "none"


def _word(yes: bool) -> str:
    return "yes" if yes else "no"
