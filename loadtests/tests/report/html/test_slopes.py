"""What a service keeps is drawn with its interval, for each measure that is known."""

from made_up_runs import SCENARIO, made_up_run
from showdown.report.html.slopes import drawn
from showdown.report.summary import summarize


def test_a_panel_for_each_measure() -> None:
    run = made_up_run({"a": 1000.0}, laps=3)
    for one in run.slices:
        one.requests = 1_000
        one.tiers["service"].peak_fds = 10 + 3_000 * one.lap
    chart = drawn(summarize(run).rows[SCENARIO], SCENARIO)
    assert chart
    assert [title for title, _ in chart.panels] == ["MiB/1,000 req", "descriptors/1,000 req", "connections/1,000 req"]
    assert list(chart.numbers.lines[0]) == ["a", "0.00 [0.00, 0.00]", "3,000 [3,000, 3,000]", "0.00 [0.00, 0.00]"]


def test_too_few_slices_have_no_slope() -> None:
    assert drawn(summarize(made_up_run({"a": 1000.0}, blocks=1)).rows[SCENARIO], SCENARIO) is None
