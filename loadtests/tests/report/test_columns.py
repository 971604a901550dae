"""A table has the columns that a row knows something of."""

from collections.abc import Callable

import pytest
from made_up_runs import SCENARIO, made_up_run
from showdown.judge.verdicts.verdict import Consequence
from showdown.measure.results import Run
from showdown.report.columns import ANSWER, ANSWER_WITH_ALL, OTHERS, columns
from showdown.report.figures import Figure, compact, full
from showdown.report.metrics import Group, Measured
from showdown.report.prices import load_prices
from showdown.report.summary import Row, summarize

Cells = Callable[[str], dict[str, str]]


@pytest.fixture
def cells(run: Run) -> Cells:
    rows = summarize(run, load_prices()).rows["recipe-detail"]
    shown = columns(rows, [*ANSWER_WITH_ALL, *OTHERS])
    return lambda name: {
        column.heading: column.cell(next(row for row in rows if row.name == name), full) for column in shown
    }


def test_the_answer_has_four_columns_and_a_fifth_where_there_is_room(run: Run) -> None:
    rows = summarize(run).rows["recipe-detail"]
    assert [column.heading for column in columns(rows, ANSWER)] == ["req/s", "× baseline", "p99 ms", "CPU µs/req"]
    assert [column.heading for column in columns(rows, ANSWER_WITH_ALL)][4:] == ["CPU × baseline"]


def test_a_variants_cells(cells: Cells) -> None:
    found = cells("fast")
    # Three blocks with a factor of five between them: an interval that says so.
    assert found["req/s"].startswith("356 [")
    assert found["× baseline"].startswith("1.96 [")
    assert found["CPU µs/req"] == "302 [300–304]"
    assert found | {"req/s": "", "× baseline": "", "CPU µs/req": "", "CPU × baseline": ""} == {
        "req/s": "",
        "× baseline": "",
        "p99 ms": "301",
        "CPU µs/req": "",
        "CPU × baseline": "",
        "p50 ms": "20.0",
        "p95 ms": "60.0",
        "p99.9 ms": "301",
        "errors": "0",
        "Postgres CPU µs/req": "202",
        "haproxy CPU µs/req": "40",
        "upstream CPU µs/req": "20",
        "generator CPU µs/req": "60",
        "peak CPU %": "53",
        "peak MiB": "103",
        "DB conns": "20",
        "stmts/req": "1.0",
        "calls/req": "3.0",
        "handshakes/req": "0.090",
        "USD/month": "117",
        "req/s on them": "6,623",
        "req/s per USD/month": "56.7",
        "M req/USD, hosts busy": "240.4",
    }


def test_what_a_service_keeps_has_both_ends_of_its_interval_in_a_terminal_too() -> None:
    run = made_up_run({"a": 1000.0}, laps=3)
    for one in run.slices:
        one.requests = 1_000
        one.tiers["service"].peak_fds = 10 + 3_000 * one.lap
    (row,) = summarize(run).rows[SCENARIO]
    cells = {column.heading: column.cell(row, compact) for column in columns([row], [Group.GROWTH])}
    assert cells == {
        "MiB/1,000 req": "0.00 [0.00, 0.00]",
        "descriptors/1,000 req": "3,000 [3,000, 3,000]",
        "connections/1,000 req": "0.00 [0.00, 0.00]",
    }


def test_the_ceilings_cells_are_empty_where_there_is_no_service(cells: Cells) -> None:
    ceiling = cells("pgbench")
    assert {heading for heading, cell in ceiling.items() if cell != "–"} == {
        "req/s",
        "× baseline",
        "errors",
        "Postgres CPU µs/req",
        "generator CPU µs/req",
        "DB conns",
        "stmts/req",
    }


def test_what_no_row_knows_has_no_column(run: Run) -> None:
    for each in run.slices:
        each.tiers.pop("haproxy")
        each.work = None
    run.ceilings = []
    shown = [column.heading for column in columns(summarize(run).rows["recipe-detail"], OTHERS)]
    assert not {"haproxy CPU µs/req", "DB conns", "USD/month"} & {*shown}
    assert "Postgres CPU µs/req" in shown


def test_refused_numbers_are_not_shown(run: Run) -> None:
    figures, measured = {"requests_per_second": Figure(1.0)}, Measured(run, "fast", [], 1, {})
    row = Row("fast", "fast", 1, None, Consequence.REFUSED, "wrong bodies", figures, measured)
    (column,) = columns([row_with(row, Consequence.NOTE)], [*ANSWER])
    assert column.cell(row, full) == "–"


def row_with(row: Row, consequence: Consequence) -> Row:
    figures = dict.fromkeys(("ratio", "p99_ms", "waited", "service_cpu_us"))
    return Row("ok", "ok", 1, None, consequence, "ok", {**figures, **row.figures}, row.measured)
