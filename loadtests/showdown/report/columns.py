"""The columns of the table, the same in the terminal and in Markdown."""

from collections.abc import Callable
from dataclasses import dataclass

from showdown.measure.results import Run
from showdown.report.summary import Row

UNKNOWN = "–"
# From here on a tenth of a millisecond says nothing.
WHOLE_FROM_MS = 100


@dataclass(frozen=True)
class Column:
    """A heading, and a cell for each row."""

    heading: str
    cell: Callable[[Row], str]


def speed(baseline: str) -> list[Column]:
    """What a client sees; ratios are against a baseline variant."""
    return [
        Column("req/s", lambda row: _number(row.requests_per_second)),
        Column(f"× {baseline}", lambda row: UNKNOWN if row.ratio is None else f"{row.ratio:.2f}"),
        Column("p50 ms", lambda row: _milliseconds(row.p50_ms)),
        Column("p95 ms", lambda row: _milliseconds(row.p95_ms)),
        Column("p99 ms", lambda row: _milliseconds(row.p99_ms)),
        Column("errors", lambda row: _number(row.errors)),
    ]


def cpu() -> list[Column]:
    """What each tier spends on a request."""
    return [
        Column("service CPU µs/req", lambda row: _number(row.service_cpu_us)),
        Column("Postgres CPU µs/req", lambda row: _number(row.postgres_cpu_us)),
        Column("haproxy CPU µs/req", lambda row: _number(row.haproxy_cpu_us)),
        Column("generator CPU µs/req", lambda row: _number(row.generator_cpu_us)),
        Column("peak CPU %", lambda row: _number(row.peak_cpu_percent)),
    ]


def footprint() -> list[Column]:
    """What the service holds, and what it asks of the database."""
    return [
        Column("peak MiB", lambda row: _number(row.peak_rss_mib)),
        Column("DB conns", lambda row: _number(row.connections)),
        Column("stmts/req", lambda row: _tenths(row.statements_per_request)),
    ]


def cost() -> list[Column]:
    """What it costs, where hosts have a price."""
    return [
        Column("USD/month", lambda row: _number(row.usd_per_month)),
        Column("req/s per USD/month", lambda row: _tenths(row.requests_per_second_per_usd)),
    ]


def column_groups(run: Run) -> list[list[Column]]:
    """All columns, in groups that a narrow terminal shows one below the other."""
    groups = [speed(run.compared_with), cpu(), footprint()]
    return [*groups, cost()] if run.hosts else groups


def all_columns(run: Run) -> list[Column]:
    """In one row."""
    return [column for group in column_groups(run) for column in group]


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.0f}"


def _tenths(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.1f}"


def _milliseconds(value: float | None) -> str:
    return _number(value) if value is not None and value >= WHOLE_FROM_MS else _tenths(value)
