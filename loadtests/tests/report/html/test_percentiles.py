"""A curve of latencies ends where too few answers were slower to tell."""

from typing import Any

from made_up_runs import SCENARIO, made_up_run
from showdown.generators.latencies import encoded, new_histogram, record
from showdown.measure.results import Run
from showdown.report.html.drawing import Drawn
from showdown.report.html.percentiles import FEWEST_BEYOND, drawn
from showdown.report.summary import summarize


def with_latencies(count: int) -> Run:
    """One slice with latencies from 1 ms on."""
    run = made_up_run({"a": 1000.0}, blocks=1, laps=1)
    histogram = new_histogram()
    for number in range(count):
        record(histogram, 1.0 + number / count)
    run.slices[0].histogram = encoded(histogram)
    return run


def chart_of(run: Run) -> Drawn | None:
    return drawn(summarize(run).rows[SCENARIO], SCENARIO)


def curve(chart: Drawn) -> list[dict[str, Any]]:
    ((_, document),) = chart.panels
    values: list[dict[str, Any]] = document["data"]["values"]
    return values


def test_its_last_point_has_ten_answers_beyond_it() -> None:
    chart = chart_of(with_latencies(1_000))
    assert chart
    slower = [point["slower"] for point in curve(chart)]
    assert slower == sorted(slower)
    assert 90 < max(slower) <= 1_000 / FEWEST_BEYOND


def test_the_table_has_what_is_known() -> None:
    chart = chart_of(with_latencies(1_000))
    assert chart
    assert list(chart.numbers.headings) == ["variant", "p50 ms", "p75 ms", "p90 ms", "p95 ms", "p99 ms"]
    assert chart.numbers.lines[0][:2] == ["a", "1.5"]


def test_too_few_answers_make_no_curve() -> None:
    assert chart_of(with_latencies(2 * FEWEST_BEYOND - 1)) is None
    assert chart_of(with_latencies(2 * FEWEST_BEYOND)) is not None


def test_the_ceiling_has_no_histogram(run: Run) -> None:
    chart = drawn(summarize(run).rows["recipe-detail"], "recipe-detail")
    assert chart
    assert [line[0] for line in chart.numbers.lines] == ["fast", "slow"]
