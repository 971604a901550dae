"""The metrics of a table, each declared once: its name, how it is read from a run, and how it is shown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, auto
from functools import cached_property
from statistics import median
from typing import get_args

from hdrh.histogram import HdrHistogram

from showdown.generators.latencies import merged, percentile_ms
from showdown.judge.comparisons import SERVICE_CPU, THROUGHPUT, Comparison, Measure, cpu_us
from showdown.judge.growth import REQUESTS, growth
from showdown.judge.rows import Row
from showdown.measure.results import Ceiling, Run, Slice, Work
from showdown.report.cpu_budget import Split, split, unexplained_us
from showdown.report.figures import Figure, milliseconds, signed, tenths, three_digits, whole
from showdown.report.levels import level, ratio
from showdown.report.prices import Prices
from showdown.stacks.event_loop import lag_ms
from showdown.stacks.records import TierName, TierUsage, Upstream


class Group(IntEnum):
    """Columns that stand together, in their order."""

    ANSWER = auto()
    """The answer to the question: always shown."""
    ANSWER_IF_ROOM = auto()
    """The same, shown where there is room."""
    LATENCY = auto()
    """What a client sees, besides."""
    CPU = auto()
    """What each tier spends on one request."""
    FOOTPRINT = auto()
    """What the service uses, and what it asks of the database."""
    GROWTH = auto()
    """What the service keeps of its requests."""
    COST = auto()
    """What it costs."""


@dataclass(frozen=True)
class Measured:
    """All slices of one variant on so many hosts, or all of the ceiling, under one scenario."""

    run: Run
    name: str
    slices: Sequence[Slice | Ceiling]
    service_hosts: int
    """0: it is the ceiling."""
    comparisons: Mapping[Measure, Comparison]
    """The comparisons that it is part of."""
    prices: Prices | None = None
    """Of hosts that it might run on."""

    @property
    def of_variant(self) -> list[Slice]:
        """Its slices; none of the ceiling."""
        return [each for each in self.slices if isinstance(each, Slice)]

    @cached_property
    def latencies(self) -> HdrHistogram:
        """Of all its slices."""
        return merged(each.histogram for each in self.of_variant)

    @property
    def cpu_us_per_request(self) -> dict[TierName, float]:
        """By tier; without those that do not tell."""
        values = {tier: self.median_of(cpu_us(tier)) for tier in get_args(TierName)}
        return {tier: value for tier, value in values.items() if value is not None}

    def median_of(self, read: Callable[[Slice | Ceiling], float | None]) -> float | None:
        """Over the slices that tell."""
        values = [value for each in self.slices if (value := read(each)) is not None]
        return median(values) if values else None


@dataclass(frozen=True)
class Metric:
    """A column of the table."""

    name: str
    """The name by which code asks for it, with its unit."""
    heading: str
    group: Group
    shown: Callable[[float], str]
    value: Callable[[Measured], Figure | float | None]
    """None if the slices do not have it; a Figure if it has an interval."""
    note: str = ""
    """What a reader of the report has to know."""
    note_at_a_rate: str = ""
    """The same where requests arrived at a rate, if that is something else."""
    has_interval: bool = False
    is_difference: bool = False
    """It may be less than zero: both ends of its interval are shown everywhere."""

    def figure(self, measured: Measured) -> Figure | None:
        value = self.value(measured)
        return Figure(value) if isinstance(value, float | int) else value


def combined(
    combine: Callable[[Iterable[float]], float],
    of_result: Callable[[Slice], float | None],
    of_ceiling: Callable[[Ceiling], float | None] = lambda _: None,
) -> Callable[[Measured], float | None]:
    """The slices' values combined; slices without a value are left out."""

    def value(measured: Measured) -> float | None:
        values = [of_result(each) if isinstance(each, Slice) else of_ceiling(each) for each in measured.slices]
        known = [value for value in values if value is not None]
        return combine(known) if known else None

    return value


def _level(measure: Measure) -> Callable[[Measured], Figure | None]:
    def value(measured: Measured) -> Figure | None:
        compared = measured.comparisons.get(measure)
        return level(compared, measured.name) if compared else None

    return value


def _ratio(measure: Measure) -> Callable[[Measured], Figure | None]:
    def value(measured: Measured) -> Figure | None:
        compared = measured.comparisons.get(measure)
        return ratio(compared, measured.name) if compared else None

    return value


def _part_of_service(read: Callable[[Split], float]) -> Callable[[Measured], float | None]:
    def value(measured: Measured) -> float | None:
        parts, whole = split(measured.of_variant), _level(SERVICE_CPU)(measured)
        return read(parts) * whole.value if parts and whole else None

    return value


def _service(read: Callable[[TierUsage], float | None]) -> Callable[[Slice], float | None]:
    return lambda result: read(result.tiers["service"])


def _work(read: Callable[[Work], float | None]) -> Callable[[Slice], float | None]:
    return lambda result: read(result.work) if result.work else None


def _of_upstream(read: Callable[[Upstream], int]) -> Callable[[Slice], float | None]:
    """For each request to the service; None where it calls no upstream."""

    def value(result: Slice) -> float | None:
        counted = result.upstream
        return read(counted) / counted.service_requests if counted and counted.requests else None

    return value


def _round_trips(of: Slice) -> float | None:
    """For each request to the service; None where it reaches Postgres without a link."""
    return of.link.round_trips / of.link.service_requests if of.link and of.link.service_requests else None


def _ms_per_round_trip(of: Slice) -> float | None:
    return of.link.waited_ms / of.link.round_trips if of.link and of.link.round_trips else None


def _slope(held: Callable[[TierUsage], float | None]) -> Callable[[Measured], Figure | None]:
    """How what the service holds grows with its requests."""

    def value(measured: Measured) -> Figure | None:
        slices = measured.of_variant
        if not slices:
            return None
        row = Row(measured.run, measured.name, slices[0].scenario, measured.service_hosts, slices)
        slope = growth(row, held)
        return Figure(slope.value, slope.low, slope.high) if slope else None

    return value


def _latency_ms(percentile: float) -> Callable[[Measured], float | None]:
    return lambda measured: percentile_ms(measured.latencies, percentile)


def _loop_lag_ms(measured: Measured) -> float | None:
    loops = (each.event_loop for each in measured.of_variant)
    return lag_ms([each for each in loops if each], 99)


def _generator_used_percent(measured: Measured) -> float | None:
    """The share of the generator's ceiling that a row reached."""
    if not measured.service_hosts:
        return None
    ceilings = {ceiling.scenario: ceiling.requests_per_second for ceiling in measured.run.generator_ceiling}
    most, reached = ceilings.get(measured.slices[0].scenario), _level(THROUGHPUT)(measured)
    return 100 * reached.value / most if most and reached else None


def _usd_per_month(measured: Measured) -> float | None:
    """Of the hosts that served it, or would: haproxy, service and Postgres."""
    hosts = measured.run.hosts
    if not measured.service_hosts:
        return None
    if not hosts:
        return measured.prices.usd_per_month(haproxy=measured.run.haproxy) if measured.prices else None
    services = [host for host in hosts if host.tier == "service"][: measured.service_hosts]
    others = [host for host in hosts if host.tier in {"haproxy", "postgres"}]
    prices = [host.usd_per_month for host in [*services, *others] if host.usd_per_month is not None]
    return sum(prices) if len(prices) == len(services) + len(others) else None


def _capacity(measured: Measured) -> float | None:
    """Measured on hosts of its own, or what the CPU of such hosts would allow."""
    if not measured.service_hosts:
        return None
    if measured.run.hosts:
        reached = _level(THROUGHPUT)(measured)
        return reached.value if reached else None
    workers = measured.run.variants[measured.name].workers
    return measured.prices.capacity(measured.cpu_us_per_request, workers) if measured.prices else None


def _requests_per_second_per_usd(measured: Measured) -> float | None:
    usd, capacity = _usd_per_month(measured), _capacity(measured)
    return capacity / usd if usd and capacity else None


def _million_requests_per_usd(measured: Measured) -> float | None:
    if not measured.prices or not measured.service_hosts or measured.run.hosts:
        return None
    requests = measured.prices.requests_per_usd(measured.cpu_us_per_request)
    return requests / 1e6 if requests else None


METRICS = (
    Metric(
        "requests_per_second",
        "req/s",
        Group.ANSWER,
        whole,
        _level(THROUGHPUT),
        "Throughput counts right answers only. Latency is of right answers (with oha, of all), under users who each "
        "wait for theirs before they ask again: a stalled service is asked less, so the tail is a lower bound.",
        "Throughput counts right answers only; it is what was asked for, unless a verdict says that the rate was "
        "missed. Latency is of right answers, and counts from the moment for which a request was meant: a stalled "
        "service is asked as much as any other.",
        has_interval=True,
    ),
    Metric(
        "ratio",
        "× baseline",
        Group.ANSWER,
        three_digits,
        _ratio(THROUGHPUT),
        "A ratio to the baseline is of slices side by side. What the machine did meanwhile is in the interval of a "
        "variant's own req/s and not in that of its ratio: two intervals of req/s that overlap say nothing.",
        has_interval=True,
    ),
    Metric("p99_ms", "p99 ms", Group.ANSWER, milliseconds, _latency_ms(99)),
    Metric(
        "service_cpu_us",
        "CPU µs/req",
        Group.ANSWER,
        whole,
        _level(SERVICE_CPU),
        "CPU is the service's where no other tier is named: user and system time of the tier's processes, ended "
        "children included, over the requests in the same seconds. Memory is summed over processes, so pages that "
        "they share count more than once.",
        has_interval=True,
    ),
    Metric(
        "service_cpu_ratio",
        "CPU × baseline",
        Group.ANSWER_IF_ROOM,
        three_digits,
        _ratio(SERVICE_CPU),
        has_interval=True,
    ),
    Metric(
        "waited",
        "waited",
        Group.ANSWER,
        whole,
        combined(sum, lambda result: result.arrivals.waited if result.arrivals else None),
        note_at_a_rate="Waited: for so many requests no user was free when they were due, because all waited for "
        "answers. Their latency counts from then on, too.",
    ),
    Metric("p50_ms", "p50 ms", Group.LATENCY, milliseconds, _latency_ms(50)),
    Metric("p95_ms", "p95 ms", Group.LATENCY, milliseconds, _latency_ms(95)),
    Metric("p999_ms", "p99.9 ms", Group.LATENCY, milliseconds, _latency_ms(99.9)),
    Metric(
        "loop_lag_p99_ms",
        "loop lag p99 ms",
        Group.LATENCY,
        milliseconds,
        _loop_lag_ms,
        "Loop lag is how much later than it asked for a task of the service ran again, and tasks are those that were "
        "not done after a slice, when no request was under way: both by the service's own metrics.",
    ),
    Metric("errors", "errors", Group.LATENCY, whole, combined(sum, lambda result: result.errors, lambda _: 0)),
    Metric(
        "service_user_cpu_us", "service user CPU µs/req", Group.CPU, whole, _part_of_service(lambda parts: parts.user)
    ),
    Metric(
        "service_system_cpu_us",
        "service system CPU µs/req",
        Group.CPU,
        whole,
        _part_of_service(lambda parts: parts.system),
        "System time is what the kernel did for the service, above all to send and to receive.",
    ),
    Metric(
        "postgres_cpu_us",
        "Postgres CPU µs/req",
        Group.CPU,
        whole,
        combined(median, cpu_us("postgres"), cpu_us("postgres")),
    ),
    Metric("pgbouncer_cpu_us", "pgbouncer CPU µs/req", Group.CPU, whole, combined(median, cpu_us("pgbouncer"))),
    Metric("haproxy_cpu_us", "haproxy CPU µs/req", Group.CPU, whole, combined(median, cpu_us("haproxy"))),
    Metric("upstream_cpu_us", "upstream CPU µs/req", Group.CPU, whole, combined(median, cpu_us("upstream"))),
    Metric("link_cpu_us", "link CPU µs/req", Group.CPU, whole, combined(median, cpu_us("link"), cpu_us("link"))),
    Metric(
        "generator_cpu_us",
        "generator CPU µs/req",
        Group.CPU,
        whole,
        combined(median, cpu_us("generator"), cpu_us("generator")),
    ),
    Metric(
        "unexplained_cpu_us",
        "unexplained CPU µs/req",
        Group.CPU,
        whole,
        combined(median, unexplained_us),
        "Unexplained is what the machine was busy with besides all tiers: the kernel where it works for nobody, the "
        "runner itself, and other programs.",
    ),
    Metric(
        "generator_used_percent",
        "generator used %",
        Group.CPU,
        whole,
        _generator_used_percent,
        "The generator is used by so much of what it can do at most, which was measured first, by the same way to a "
        "service that does no work.",
    ),
    Metric(
        "peak_cpu_percent", "peak CPU %", Group.CPU, whole, combined(max, _service(lambda tier: tier.peak_cpu_percent))
    ),
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
        "round_trips_per_request",
        "round trips/req",
        Group.FOOTPRINT,
        tenths,
        combined(median, _round_trips),
        "Round trips are counted on the wire between service and Postgres: what a service sends after an answer begins "
        "one, which the answer to that ends. A new connection is one, too. Its time is the latency, and what Postgres "
        "and this machine add.",
    ),
    Metric("ms_per_round_trip", "ms/round trip", Group.FOOTPRINT, three_digits, combined(median, _ms_per_round_trip)),
    Metric(
        "calls_per_request",
        "calls/req",
        Group.FOOTPRINT,
        tenths,
        combined(median, _of_upstream(lambda counted: counted.requests)),
        "Calls and handshakes are the upstream's own counts, over all requests that the service was sent in the same "
        "time. A handshake is a new connection with TLS; one that resumes a session costs less, and counts as well.",
    ),
    Metric(
        "handshakes_per_request",
        "handshakes/req",
        Group.FOOTPRINT,
        three_digits,
        combined(median, _of_upstream(lambda counted: counted.handshakes)),
    ),
    Metric(
        "tasks",
        "tasks",
        Group.FOOTPRINT,
        whole,
        combined(max, lambda result: result.event_loop.tasks if result.event_loop else None),
    ),
    Metric(
        "memory_slope_mib",
        "MiB/1,000 req",
        Group.GROWTH,
        signed,
        _slope(lambda usage: usage.peak_rss_mib),
        f"What a service keeps is a slope, for each {REQUESTS:,} requests: of the most that it held in each slice, "
        "over the requests since it was started. A young process still fills pools and caches, so a little is no leak.",
        is_difference=True,
    ),
    Metric(
        "descriptors_slope",
        "descriptors/1,000 req",
        Group.GROWTH,
        signed,
        _slope(lambda usage: usage.peak_fds),
        is_difference=True,
    ),
    Metric(
        "connections_slope",
        "connections/1,000 req",
        Group.GROWTH,
        signed,
        _slope(lambda usage: usage.peak_connections),
        is_difference=True,
    ),
    Metric("usd_per_month", "USD/month", Group.COST, whole, _usd_per_month),
    Metric("capacity_requests_per_second", "req/s on them", Group.COST, whole, _capacity),
    Metric("requests_per_second_per_usd", "req/s per USD/month", Group.COST, tenths, _requests_per_second_per_usd),
    Metric("million_requests_per_usd", "M req/USD, hosts busy", Group.COST, tenths, _million_requests_per_usd),
)
"""In the order of their notes, and within a group of their columns."""
