"""A price is told with its source."""

from showdown.measure.results import Run
from showdown.report.price_note import price_note
from showdown.report.prices import load_prices
from showdown.report.summary import summarize


def test_a_local_runs_prices_are_of_hosts_that_it_might_run_on(run: Run) -> None:
    note = price_note(summarize(run, load_prices()))
    assert note
    assert note.startswith("Costs are as on hosts like the article's, by CPU a request as it was measured here: ")
    assert "s-2vcpu-4gb-intel for service (28 USD/month)" in note
    assert "as of 2026-09" in note


def test_hosts_of_a_cloud_have_their_own(grown: Run) -> None:
    note = price_note(summarize(grown, load_prices()))
    assert note
    assert "measured on them" in note


def test_hosts_without_a_price_have_none(grown: Run) -> None:
    # Of the generator's nobody asks.
    grown.hosts[3].usd_per_month = None
    assert price_note(summarize(grown, load_prices()))
    grown.hosts[1].usd_per_month = None
    summary = summarize(grown, load_prices())
    assert price_note(summary) is None
    rows = [row for of_scenario in summary.rows.values() for row in of_scenario]
    assert {row["requests_per_second_per_usd"] for row in rows} == {None}


def test_without_prices_there_is_nothing_to_tell(run: Run) -> None:
    assert price_note(summarize(run)) is None
