"""Requests for a dollar are those of the costs in the tables, with where their prices come from."""

import json

import pytest
from made_up_runs import SCENARIO, made_up_run
from showdown.measure.results import Run
from showdown.report.html.page import page
from showdown.report.html.per_dollar import ON_HOSTS, drawn
from showdown.report.prices import load_prices
from showdown.report.summary import summarize
from showdown.stacks.records import Host


@pytest.fixture
def run() -> Run:
    return made_up_run({"slow": 1000.0, "fast": 2000.0})


def test_each_row_has_what_the_table_of_costs_says(run: Run) -> None:
    summary = summarize(run, load_prices())
    chart = drawn(summary, SCENARIO)
    assert chart
    assert list(chart.numbers.headings) == ["variant", "M req/USD, hosts busy", "req/s per USD/month"]
    rows = {row.name: row for row in summary.rows[SCENARIO]}
    for name, million, per_second in chart.numbers.lines:
        assert million == f"{rows[name]['million_requests_per_usd']:,.1f}"
        assert per_second == f"{rows[name]['requests_per_second_per_usd']:,.1f}"
    assert [line[0] for line in chart.numbers.lines] == ["fast", "slow"]
    assert chart.said.startswith("A bar for each of 2 rows: from fast with ")
    assert len(chart.panels) == 2
    assert "published prices in US dollars" in chart.note


def test_a_cloud_s_own_hosts_have_their_own_prices(run: Run) -> None:
    run.stack = "terraform"
    run.hosts = [
        Host(name=tier, tier=tier, size="s", usd_per_month=50.0, machine=run.machine)
        for tier in ("service", "postgres")
    ]
    chart = drawn(summarize(run, load_prices()), SCENARIO)
    assert chart
    assert [title for title, _ in chart.panels] == [ON_HOSTS]
    assert chart.note.startswith("USD/month is what haproxy, Postgres and the service's hosts cost")


def test_a_row_without_a_rank_says_so(run: Run) -> None:
    for each in run.slices:
        if each.variant == "fast":
            each.errors, each.failures = 100, {"status 503": 100}
    chart = drawn(summarize(run, load_prices()), SCENARIO)
    assert chart
    assert json.dumps(chart.panels).count(", not ranked") == 2


def test_without_prices_there_is_no_chart(run: Run) -> None:
    assert drawn(summarize(run), SCENARIO) is None


def test_it_is_in_the_page(run: Run) -> None:
    assert page(summarize(run, load_prices())).count(f'id="numbers-{SCENARIO}-per-dollar"') == 1
