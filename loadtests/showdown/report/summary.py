"""Brings the rounds of a run together: one row a variant and scenario."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from statistics import median

from showdown.measure.results import Ceiling, Result, Run
from showdown.report.setting import contender_name
from showdown.stacks.records import TierName


@dataclass(frozen=True)
class Row:
    """Medians over the rounds of one variant, or of the ceiling, under one scenario. None: not to be known."""

    name: str
    """The variant's, and on how many hosts where that is not one; or the ceiling's."""
    variant: str | None
    """None: it is the ceiling."""
    service_hosts: int
    usd_per_month: float | None
    """Of the hosts that served it: haproxy, service and Postgres."""
    requests_per_second: float
    slowest_round: float
    fastest_round: float
    """The rounds' lowest and highest requests per second."""
    ratio: float | None
    """Requests per second over the baseline's, each within its round."""
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    service_cpu_us: float | None
    """Per request."""
    postgres_cpu_us: float | None
    generator_cpu_us: float | None
    haproxy_cpu_us: float | None
    peak_cpu_percent: float | None
    """The service's, of one core; the highest of all rounds."""
    peak_rss_mib: float | None
    connections: int | None
    """To the database, at most, as it counts them."""
    statements_per_request: float | None
    errors: int
    """In all rounds."""

    @property
    def is_ceiling(self) -> bool:
        return self.variant is None

    @property
    def requests_per_second_per_usd(self) -> float | None:
        """For each US dollar a month."""
        return self.requests_per_second / self.usd_per_month if self.usd_per_month else None


def summarize(run: Run, scenario: str) -> list[Row]:
    """The rows of a scenario: the variants in their order, then the ceiling."""
    results = [result for result in run.results if result.scenario == scenario]
    measured: dict[tuple[str, int], list[Result]] = {}
    for result in results:
        measured.setdefault((result.variant, result.service_hosts), []).append(result)
    baselines = {
        hosts: {result.round: result.requests_per_second for result in measured.get((run.compared_with, hosts), [])}
        for hosts in run.service_hosts
    }
    rows = [
        _variant_row(run, measured[name, hosts], baselines[hosts])
        for name, hosts in product(run.variants, run.service_hosts)
        if (name, hosts) in measured
    ]
    ceilings = [ceiling for ceiling in run.ceilings if ceiling.scenario == scenario]
    # The ceiling has the connections of the most hosts.
    return [*rows, _ceiling_row(ceilings, baselines[max(run.service_hosts)])] if ceilings else rows


def usd_per_month(run: Run, service_hosts: int) -> float | None:
    """What the hosts that serve cost, with so many of them for the service; None where nobody has said."""
    if not run.hosts:
        return None
    services = [host for host in run.hosts if host.tier == "service"][:service_hosts]
    others = [host for host in run.hosts if host.tier in {"haproxy", "postgres"}]
    return sum(host.usd_per_month for host in [*services, *others])


def _variant_row(run: Run, rounds: list[Result], baseline: dict[int, float]) -> Row:
    name, hosts = rounds[0].variant, rounds[0].service_hosts
    works = [result.work for result in rounds if result.work]
    services = [result.tiers["service"] for result in rounds]
    return Row(
        name=contender_name(run, name, hosts),
        variant=name,
        service_hosts=hosts,
        usd_per_month=usd_per_month(run, hosts),
        requests_per_second=median(result.requests_per_second for result in rounds),
        slowest_round=min(result.requests_per_second for result in rounds),
        fastest_round=max(result.requests_per_second for result in rounds),
        ratio=_ratio(rounds, baseline),
        p50_ms=median(result.latency_ms.p50 for result in rounds),
        p95_ms=median(result.latency_ms.p95 for result in rounds),
        p99_ms=median(result.latency_ms.p99 for result in rounds),
        service_cpu_us=_cpu(rounds, "service"),
        postgres_cpu_us=_cpu(rounds, "postgres"),
        generator_cpu_us=_cpu(rounds, "generator"),
        haproxy_cpu_us=_cpu(rounds, "haproxy"),
        peak_cpu_percent=max(tier.peak_cpu_percent for tier in services),
        peak_rss_mib=max(tier.peak_rss_mib for tier in services),
        connections=max((work.peak_connections for work in works), default=None),
        statements_per_request=_median(work.statements_per_request for work in works),
        errors=sum(result.errors for result in rounds),
    )


def _ceiling_row(rounds: list[Ceiling], baseline: dict[int, float]) -> Row:
    return Row(
        name=rounds[0].name,
        variant=None,
        service_hosts=0,
        usd_per_month=None,
        requests_per_second=median(ceiling.requests_per_second for ceiling in rounds),
        slowest_round=min(ceiling.requests_per_second for ceiling in rounds),
        fastest_round=max(ceiling.requests_per_second for ceiling in rounds),
        ratio=_ratio(rounds, baseline),
        p50_ms=None,
        p95_ms=None,
        p99_ms=None,
        service_cpu_us=None,
        postgres_cpu_us=_cpu(rounds, "postgres"),
        generator_cpu_us=_cpu(rounds, "generator"),
        haproxy_cpu_us=None,
        peak_cpu_percent=None,
        peak_rss_mib=None,
        connections=rounds[0].connections,
        statements_per_request=1.0,
        errors=0,
    )


def _ratio(rounds: Iterable[Result | Ceiling], baseline: dict[int, float]) -> float | None:
    """The median of the ratios within a round: what drifts between rounds drops out."""
    return _median(
        result.requests_per_second / baseline[result.round] for result in rounds if baseline.get(result.round)
    )


def _cpu(rounds: Iterable[Result | Ceiling], tier: TierName) -> float | None:
    return _median(result.tiers[tier].cpu_us_per_request for result in rounds if tier in result.tiers)


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
