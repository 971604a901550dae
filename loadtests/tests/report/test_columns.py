"""Figures are shown with significant digits only."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from showdown.measure.results import Run
from showdown.report.columns import all_columns
from showdown.report.summary import Row, summarize
from showdown.stacks.records import Host

Cells = Callable[[Row], dict[str, str]]


@pytest.fixture
def row(run: Run) -> Row:
    return next(row for row in summarize(run).rows["recipe-detail"] if row.name == "fast")


@pytest.fixture
def cells(run: Run) -> Cells:
    return lambda row: {column.heading: column.cell(row) for column in all_columns(run)}


def changed(row: Row, **values: float | None) -> Row:
    return replace(row, values={**row.values, **values})


def test_a_variants_cells(cells: Cells, row: Row) -> None:
    assert cells(row) == {
        "req/s": "450",
        "× slow": "1.50",
        "p50 ms": "20.0",
        "p95 ms": "60.0",
        "p99 ms": "301",
        "errors": "0",
        "service CPU µs/req": "302",
        "Postgres CPU µs/req": "202",
        "haproxy CPU µs/req": "40",
        "generator CPU µs/req": "60",
        "peak CPU %": "53",
        "peak MiB": "103",
        "DB conns": "20",
        "stmts/req": "1.0",
    }


def test_the_ceilings_cells_are_empty_where_there_is_no_service(cells: Cells, run: Run) -> None:
    ceiling = cells(summarize(run).rows["recipe-detail"][-1])
    unknown = {heading for heading, cell in ceiling.items() if cell == "–"}
    assert unknown == {
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "service CPU µs/req",
        "haproxy CPU µs/req",
        "peak CPU %",
        "peak MiB",
    }
    assert ceiling["req/s"] == "1,100"


@pytest.mark.parametrize(
    ("p99", "cell"), [(0.04, "0.0"), (9.96, "10.0"), (99.94, "99.9"), (100.0, "100"), (1234.5, "1,234")]
)
def test_tenths_of_a_millisecond_are_for_short_times(cells: Cells, row: Row, p99: float, cell: str) -> None:
    assert cells(changed(row, p99_ms=p99))["p99 ms"] == cell


def test_where_hosts_have_a_price_a_row_has_one(run: Run, row: Row) -> None:
    run.hosts = [Host(name="service1", tier="service", size="small", usd_per_month=28.0, machine=None)]
    priced = {
        column.heading: column.cell(changed(row, usd_per_month=90.0, requests_per_second_per_usd=5.0))
        for column in all_columns(run)
    }
    assert (priced["USD/month"], priced["req/s per USD/month"]) == ("90", "5.0")


def test_without_a_baseline_there_is_no_ratio(cells: Cells, row: Row) -> None:
    assert cells(changed(row, ratio=None))["× slow"] == "–"
