"""The metrics of a table, each declared once: its name, how it is read from a run's rounds, and how it is shown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, auto
from statistics import median

from showdown.measure.results import Ceiling, Result, Run, Work
from showdown.stacks.records import TierName, TierUsage

# From here on, tenths of a millisecond are noise.
WHOLE_FROM_MS = 100


class Group(IntEnum):
    """Columns that belong together, in order; a narrow terminal shows the groups below each other."""

    SPEED = auto()
    """What a client sees."""
    CPU = auto()
    """What each tier spends on one request."""
    FOOTPRINT = auto()
    """What the service uses, and what it asks of the database."""
    COST = auto()
    """What it costs; shown if hosts have a price."""


@dataclass(frozen=True)
class Measured:
    """All rounds of one variant on one number of hosts, or of the ceiling, under one scenario."""

    run: Run
    rounds: Sequence[Result | Ceiling]
    service_hosts: int
    """0 for the ceiling."""
    baseline: Mapping[int, float]
    """The baseline's requests per second, by round."""

    @property
    def speeds(self) -> list[float]:
        """The requests per second of each round."""
        return [each.requests_per_second for each in self.rounds]

    @property
    def requests_per_second(self) -> float:
        return median(self.speeds)


@dataclass(frozen=True)
class Metric:
    """A column of the table."""

    name: str
    """The name used in code, with the unit."""
    heading: str
    """{baseline} is replaced by the name of the variant that the others are compared with."""
    group: Group
    shown: Callable[[float], str]
    value: Callable[[Measured], float | None]
    """None if the rounds do not have it."""
    note: str = ""
    """What a reader of the report must know about it."""


def whole(value: float) -> str:
    return f"{value:,.0f}"


def tenths(value: float) -> str:
    return f"{value:,.1f}"


def hundredths(value: float) -> str:
    return f"{value:.2f}"


def milliseconds(value: float) -> str:
    return whole(value) if value >= WHOLE_FROM_MS else tenths(value)


def combined(
    combine: Callable[[Iterable[float]], float],
    of_result: Callable[[Result], float | None],
    of_ceiling: Callable[[Ceiling], float | None] = lambda _: None,
) -> Callable[[Measured], float | None]:
    """Combine the values of the rounds; rounds without a value are left out."""

    def value(measured: Measured) -> float | None:
        values = [of_result(each) if isinstance(each, Result) else of_ceiling(each) for each in measured.rounds]
        known = [value for value in values if value is not None]
        return combine(known) if known else None

    return value


def _cpu_us(tier: TierName) -> Callable[[Result | Ceiling], float | None]:
    return lambda each: each.tiers[tier].cpu_us_per_request if tier in each.tiers else None


def _service(read: Callable[[TierUsage], float | None]) -> Callable[[Result], float | None]:
    return lambda result: read(result.tiers["service"])


def _work(read: Callable[[Work], float | None]) -> Callable[[Result], float | None]:
    return lambda result: read(result.work) if result.work else None


def _ratio(measured: Measured) -> float | None:
    """The median of the ratios within each round, so that drift between rounds cancels out."""
    baseline = measured.baseline
    ratios = [each.requests_per_second / baseline[each.round] for each in measured.rounds if baseline.get(each.round)]
    return median(ratios) if ratios else None


def _usd_per_month(measured: Measured) -> float | None:
    """The price of the hosts that served it: haproxy, service and Postgres."""
    hosts = measured.run.hosts
    if not hosts or not measured.service_hosts:
        return None
    services = [host for host in hosts if host.tier == "service"][: measured.service_hosts]
    others = [host for host in hosts if host.tier in {"haproxy", "postgres"}]
    return sum(host.usd_per_month for host in [*services, *others])


def _requests_per_second_per_usd(measured: Measured) -> float | None:
    usd = _usd_per_month(measured)
    return measured.requests_per_second / usd if usd else None


METRICS = (
    Metric(
        "requests_per_second",
        "req/s",
        Group.SPEED,
        whole,
        lambda measured: measured.requests_per_second,
        "Throughput counts right answers only. Latency is of right answers (with oha, of all), under users who each "
        "wait for theirs before they ask again: a stalled service is asked less, so the tail is a lower bound.",
    ),
    Metric("ratio", "× {baseline}", Group.SPEED, hundredths, _ratio),
    Metric("p50_ms", "p50 ms", Group.SPEED, milliseconds, combined(median, lambda result: result.latency_ms.p50)),
    Metric("p95_ms", "p95 ms", Group.SPEED, milliseconds, combined(median, lambda result: result.latency_ms.p95)),
    Metric("p99_ms", "p99 ms", Group.SPEED, milliseconds, combined(median, lambda result: result.latency_ms.p99)),
    Metric("errors", "errors", Group.SPEED, whole, combined(sum, lambda result: result.errors, lambda _: 0)),
    Metric("peak_rss_mib", "peak MiB", Group.FOOTPRINT, whole, combined(max, _service(lambda tier: tier.peak_rss_mib))),
    Metric(
        "connections",
        "DB conns",
        Group.FOOTPRINT,
        whole,
        combined(max, _work(lambda work: work.peak_connections), lambda ceiling: ceiling.connections),
    ),
    Metric(
        "statements_per_request",
        "stmts/req",
        Group.FOOTPRINT,
        tenths,
        combined(median, _work(lambda work: work.statements_per_request), lambda _: 1),
        "Statements are those that Postgres executed, as it counts them: not how often one was prepared, nor a ping. "
        "The reset of asyncpg's pool is four in one round trip.",
    ),
    Metric(
        "service_cpu_us",
        "service CPU µs/req",
        Group.CPU,
        whole,
        combined(median, _cpu_us("service")),
        "CPU is user and system time of the tier's processes, ended children included, over the requests in the same "
        "seconds. Memory is summed over processes, so pages that they share count more than once.",
    ),
    Metric(
        "postgres_cpu_us",
        "Postgres CPU µs/req",
        Group.CPU,
        whole,
        combined(median, _cpu_us("postgres"), _cpu_us("postgres")),
    ),
    Metric("haproxy_cpu_us", "haproxy CPU µs/req", Group.CPU, whole, combined(median, _cpu_us("haproxy"))),
    Metric(
        "generator_cpu_us",
        "generator CPU µs/req",
        Group.CPU,
        whole,
        combined(median, _cpu_us("generator"), _cpu_us("generator")),
    ),
    Metric(
        "peak_cpu_percent", "peak CPU %", Group.CPU, whole, combined(max, _service(lambda tier: tier.peak_cpu_percent))
    ),
    Metric("usd_per_month", "USD/month", Group.COST, whole, _usd_per_month),
    Metric("requests_per_second_per_usd", "req/s per USD/month", Group.COST, tenths, _requests_per_second_per_usd),
)
"""In the order of their notes, and within a group of their columns."""
