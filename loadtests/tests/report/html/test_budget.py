"""The CPU time of a request is stacked by tier."""

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from made_up_runs import SCENARIO, made_up_run, made_up_tier
from showdown.measure.results import Run
from showdown.report.html.budget import drawn
from showdown.report.html.scripts import text
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
    assert len(re.findall(rf"--tier-{tier}: #", text("page.css"))) == 2


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
