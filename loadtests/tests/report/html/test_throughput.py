"""The chart of the answer has a bar for each row whose numbers are shown."""

import json

from made_up_runs import SCENARIO, made_up_run
from showdown.measure.results import Run
from showdown.report.html.throughput import drawn
from showdown.report.summary import summarize


def test_a_bar_and_a_line_of_numbers_for_each_row(run: Run) -> None:
    chart = drawn(summarize(run).rows["recipe-detail"], "recipe-detail", "95%")
    assert chart
    assert [line[0] for line in chart.numbers.lines] == ["fast", "slow", "pgbench"]
    assert "from pgbench with 1,097 requests per second down to slow with 182" in chart.said
    assert "1,097, ceiling" in json.dumps(chart.panels)


def test_that_a_row_is_not_ranked_is_written_at_its_bar() -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    for each in run.slices:
        if each.variant == "fast":
            each.errors, each.failures = 100, {"status 503": 100}
    chart = drawn(summarize(run).rows[SCENARIO], SCENARIO, "95%")
    assert chart
    assert json.dumps(chart.panels).count(", not ranked") == 1


def test_refused_numbers_are_not_there() -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    for each in run.slices:
        each.errors, each.failures = 1, {"wrong body": 1}
    assert drawn(summarize(run).rows[SCENARIO], SCENARIO, "95%") is None
