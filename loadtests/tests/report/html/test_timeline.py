"""What is drawn over time begins anew with each block, and does not grow with the length of a run."""

from typing import Any

from made_up_runs import SCENARIO, made_up_run
from showdown.measure.results import Run
from showdown.report.html.drawing import Drawn
from showdown.report.html.timeline import MOST_POINTS, drawn, thinned
from showdown.report.summary import summarize


def chart_of(run: Run) -> Drawn:
    chart = drawn(run, summarize(run).rows[SCENARIO], SCENARIO)
    assert chart
    return chart


def points(chart: Drawn, title: str) -> list[dict[str, Any]]:
    document = dict(chart.panels)[title]
    values: list[dict[str, Any]] = document["data"]["values"]
    return values


def test_each_slice_is_a_point_of_its_block() -> None:
    chart = chart_of(made_up_run({"a": 1000.0}, blocks=2, laps=3))
    assert [title for title, _ in chart.panels] == ["requests per second", "memory, MiB"]
    assert [point["block"] for point in points(chart, "memory, MiB")] == [1, 1, 1, 2, 2, 2]
    assert points(chart, "requests per second")[0]["minutes"] == 0.0


def test_a_long_block_tells_more() -> None:
    chart = chart_of(made_up_run({"a": 1000.0}, blocks=1, laps=30))
    assert [title for title, _ in chart.panels][2:] == ["file descriptors", "connections", "p99 ms of each minute"]


def test_many_points_become_fewer_with_the_same_ends() -> None:
    many = [{"minutes": float(number), "value": float(number), "block": 1} for number in range(10 * MOST_POINTS + 1)]
    few = thinned(many)
    assert len(few) <= MOST_POINTS
    assert few[0]["value"] < few[-1]["value"]
    assert few[-1]["value"] > many[-10]["value"]


def test_the_table_says_where_each_line_begins_and_ends() -> None:
    run = made_up_run({"a": 1000.0}, blocks=1, laps=2)
    run.slices[0].requests_per_second, run.slices[1].requests_per_second = 900.0, 1100.0
    assert chart_of(run).numbers.lines[0] == ["a, requests per second", "900", "900", "1,000", "1,100", "1,100"]
