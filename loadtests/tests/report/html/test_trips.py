"""What latency changes is in the page once, as the tables of report.md."""

from made_up_latency import made_up_latency_run
from showdown.report.html.page import page
from showdown.report.html.trips import drawn
from showdown.report.latency_tables import tables_of
from showdown.report.summary import summarize


def test_both_tables_are_in_the_page() -> None:
    run = made_up_latency_run(
        {"rust": (760.0, 19.0), "last": (3000.0, 1.0)}, {"python": (600.0, 10.0), "repaired": (2000.0, 1.0)}
    )
    summary = summarize(run)
    assert summary.explanation
    (over,) = summary.explanation.over_latency
    shown = drawn(over)
    assert [(each.numbers.headings, each.numbers.lines) for each in shown] == tables_of(over)
    assert "they change places" in shown[0].note
    text = page(summary, results=None)
    assert [text.count(f'id="numbers-{each.name}"') for each in shown] == [1, 1]
