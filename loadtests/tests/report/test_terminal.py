"""A run in the terminal: one wide table, or several if the terminal is narrow."""

from io import StringIO

import pytest
from rich.console import Console
from showdown.measure.results import Run
from showdown.report.summary import summarize
from showdown.report.terminal import show


def shown(run: Run, width: int) -> str:
    output = StringIO()
    show(summarize(run), Console(file=output, width=width))
    return output.getvalue()


def test_a_wide_terminal_shows_a_row_a_variant(run: Run) -> None:
    lines = shown(run, 200).splitlines()
    assert lines[1].strip() == "recipe-detail, 50 users of locust, through haproxy, median of 3 round(s)"
    slow, fast, ceiling = (line.split() for line in lines if line.strip().startswith(("slow ", "fast ", "pgbench ")))
    assert slow == [
        "slow",
        "200",
        "1.00",
        "20.0",
        "60.0",
        "301",
        "0",
        "902",
        "202",
        "40",
        "60",
        "53",
        "103",
        "20",
        "1.0",
    ]
    assert fast == [
        "fast",
        "450",
        "1.50",
        "20.0",
        "60.0",
        "301",
        "0",
        "302",
        "202",
        "40",
        "60",
        "53",
        "103",
        "20",
        "1.0",
    ]
    assert ceiling == ["pgbench", "1,100", "6.00", "–", "–", "–", "0", "–", "150", "–", "30", "–", "–", "20", "1.0"]


def test_a_narrow_terminal_shows_speed_and_then_cost_and_cuts_nothing(run: Run) -> None:
    text = shown(run, 80)
    assert max(map(len, text.splitlines())) <= 80
    assert [line.split()[0] for line in text.splitlines() if line.startswith(" pgbench")] == ["pgbench"] * 3
    for cell in ("req/s", "× slow", "1.50", "902", "stmts/req"):
        assert cell in text
    assert "…" not in text


@pytest.mark.parametrize("change", [{"haproxy": False}, {"haproxy": False, "missing": ["haproxy is not installed"]}])
def test_without_haproxy_it_says_so(run: Run, change: dict[str, object]) -> None:
    assert "users of locust, the service directly, median" in shown(run.model_copy(update=change), 200)


def test_notes_are_shown_as_they_are(run: Run) -> None:
    run.missing = ["[bold] is not installed"]
    assert "• [bold] is not installed" in shown(run, 200)


def test_nothing_measured_is_nothing_shown(run: Run) -> None:
    run.results = []
    run.ceilings = []
    assert "recipe-detail, 50 users" not in shown(run, 200)
