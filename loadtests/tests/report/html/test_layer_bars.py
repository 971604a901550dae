"""The service's CPU time of a request is stacked by layer."""

from collections.abc import Iterator
from typing import Any

import pytest
from made_up_runs import SCENARIO, made_up_run, made_up_sampled
from showdown.measure.results import Run
from showdown.report.html.layer_bars import drawn
from showdown.report.html.page import page
from showdown.report.summary import summarize


@pytest.fixture
def sampled() -> Run:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    run.sampled = [
        made_up_sampled("slow", {"kernel": 250.0, "driver": 650.0, "other": 100.0}),
        made_up_sampled("fast", {"kernel": 300.0, "JSON": 200.0}),
    ]
    return run


def parts(document: Any) -> Iterator[dict[str, Any]]:
    """Of all panels' layers."""
    yield from (value for value in document.get("data", {}).get("values", []) if "layer" in value)
    for layer in document.get("layer", []):
        yield from parts(layer)


def test_each_layer_has_its_part_and_the_parts_make_the_whole(sampled: Run) -> None:
    chart = drawn(summarize(sampled), SCENARIO)
    assert chart
    told = "fast 500 µs, most of it in kernel, slow 1,000 µs, most of it in driver"
    assert chart.said == f"A bar for each of 2 variants, stacked by layer: {told}."
    (_, absolute), (_, shares) = chart.panels
    assert sum(part["value"] for part in parts(absolute) if part["variant"] == "slow") == pytest.approx(1000)
    assert sum(part["value"] for part in parts(shares) if part["variant"] == "slow") == pytest.approx(100)
    assert list(chart.numbers.headings[2:6]) == ["kernel", "driver", "JSON", "other"]


def test_the_page_leads_to_the_flame_graphs_where_they_are_beside_it(sampled: Run) -> None:
    link = 'href="profiles/recipe-detail/slow.svg"'
    assert link in page(summarize(sampled), results="results.json")
    assert link not in page(summarize(sampled))


def test_where_nothing_was_sampled_there_is_no_chart() -> None:
    assert drawn(summarize(made_up_run({"slow": 1000.0})), SCENARIO) is None
