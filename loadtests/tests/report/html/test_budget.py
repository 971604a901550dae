"""The CPU time of a request is stacked by tier."""

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, get_args

import pytest
from made_up_runs import SCENARIO, made_up_run, made_up_tier
from showdown.measure.results import Run
from showdown.report.html.budget import TIERS, colour, drawn
from showdown.report.summary import summarize
from showdown.stacks.records import TierName


def values(document: Any) -> Iterator[dict[str, Any]]:
    """Of all layers."""
    yield from document.get("data", {}).get("values", [])
    for layer in document.get("layer", []):
        yield from values(layer)


def test_every_tier_has_its_part_and_the_parts_make_the_whole(run: Run) -> None:
    chart = drawn(summarize(run).rows["recipe-detail"], "recipe-detail")
    assert chart
    assert list(chart.numbers.headings) == [
        "variant", "service, µs", "Postgres, µs", "haproxy, µs", "upstream, µs", "generator, µs", "all, µs",
    ]  # fmt: skip
    assert list(chart.numbers.lines[0]) == ["fast", "302", "202", "40", "20", "60", "624"]


def test_the_service_has_two_parts_and_the_machine_a_rest_where_they_are_known() -> None:
    run = made_up_run({"slow": 1000.0}, spread=0)
    for one in run.slices:
        one.tiers["service"].system_cpu_us_per_request = 250.0
        one.machine_cpu_us_per_request = 1300.0
    chart = drawn(summarize(run).rows[SCENARIO], SCENARIO)
    assert chart
    assert list(chart.numbers.headings) == [
        "variant", "service user, µs", "service system, µs", "Postgres, µs", "generator, µs", "unexplained, µs",
        "all, µs",
    ]  # fmt: skip
    assert list(chart.numbers.lines[0]) == ["slow", "750", "250", "200", "30", "70", "1,300"]
    assert "Unexplained is what the machine was busy with besides all tiers" in chart.note


def test_every_part_has_a_colour_by_day_and_by_night() -> None:
    style = files("showdown.report.html").joinpath("page.css").read_text()
    for tier in TIERS.values():
        assert style.count(f"{colour(tier)}:") == 2


@pytest.mark.parametrize("tier", get_args(TierName))
def test_each_tier_has_a_part_where_it_is(tier: TierName) -> None:
    run = made_up_run({"slow": 1000.0}, spread=0)
    for one in run.slices:
        one.tiers[tier] = made_up_tier(35.0)
    chart = drawn(summarize(run).rows[SCENARIO], SCENARIO)
    assert chart
    name = "Postgres" if tier == "postgres" else tier
    assert chart.numbers.lines[0][chart.numbers.headings.index(f"{name}, µs")] == "35"
    assert f"var(--tier-{tier})" in json.dumps(chart.panels)


def test_shares_are_of_each_rows_own_whole(run: Run) -> None:
    chart = drawn(summarize(run).rows["recipe-detail"], "recipe-detail")
    assert chart
    _, (_, shares) = chart.panels
    parts = [part["value"] for part in values(shares) if part["variant"] == "fast" and "tier" in part]
    assert sum(parts) == pytest.approx(100)


def test_where_no_tier_tells_there_is_no_chart() -> None:
    run = made_up_run({"slow": 1000.0})
    for one in run.slices:
        one.tiers = {name: usage.model_copy(update={"cpu_us_per_request": None}) for name, usage in one.tiers.items()}
    assert drawn(summarize(run).rows[SCENARIO], SCENARIO) is None
