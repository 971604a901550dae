"""A run in the terminal: one table that answers the question, and all the rest where it is asked for."""

from io import StringIO

import pytest
from made_up_runs import made_up_ceiling, made_up_run
from rich.console import Console
from showdown.measure.results import Run
from showdown.report.prices import load_prices
from showdown.report.summary import summarize
from showdown.report.terminal import show

NAMES = ("django-2022", "starlette-2022", "axum-2022", "django", "starlette", "starlette-rowjson", "axum")


def shown(run: Run, width: int, *, wide: bool = False, styled: bool = False) -> str:
    output = StringIO()
    console = Console(file=output, width=width, force_terminal=styled, color_system="standard" if styled else None)
    show(summarize(run, load_prices()), console, wide=wide)
    return output.getvalue()


def line(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if line.split()[1:2] == [name])


@pytest.fixture
def usual() -> Run:
    """As many variants, with names as long, as a run has by default."""
    speeds = {name: 200.0 * 1.7**number for number, name in enumerate(NAMES)}
    run = made_up_run(speeds, twin_of="starlette")
    run.ceilings = [made_up_ceiling(block, 1, 12_000.0) for block in range(1, 7)]
    return run


def test_the_title_says_what_was_asked_and_what_is_compared(run: Run) -> None:
    title = shown(run, 200).splitlines()[1]
    assert title == "recipe-detail, 50 users of locust, through haproxy, 3 blocks of a slice each; the baseline is slow"


@pytest.mark.parametrize(("width", "cpu_ratio"), [(80, False), (100, True), (140, True)])
def test_one_table_has_all_that_answers_the_question(usual: Run, width: int, cpu_ratio: bool) -> None:
    text = shown(usual, width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    # The twin, the baseline, the fastest and the ceiling each have one row.
    for name in (*NAMES, "starlette-twin", "pgbench"):
        assert len([line for line in text.splitlines() if line.split()[1:2] == [name]]) == 1
    cells = line(text, "axum").split()
    # Rank, name, req/s ±, × ±, p99, CPU ±, verdict; and CPU × ± where there is room.
    assert len(cells) == 10 + 2 * cpu_ratio
    assert (cells[0], cells[-1]) == ("1", "ok")
    assert line(text, "pgbench").split()[-1] == "ceiling"
    assert line(text, "django-2022").split()[4:6] == ["1.00", "–"]


def test_a_twin_says_what_is_no_difference(usual: Run) -> None:
    text = shown(usual, 100)
    assert " A/A ±" in line(text, "starlette-twin")
    assert "A/A: starlette-twin, which is starlette once more, had " in text


def test_the_fastest_comes_first_and_shared_ranks_are_told() -> None:
    text = shown(made_up_run({"slow": 1000.0, "one": 2000.0, "other": 2000.0, "fast": 4000.0}), 100)
    names = {"slow", "one", "other", "fast"}
    ranks = [words[:2] for words in map(str.split, text.splitlines()) if {*words[1:2]} & names and words[0] != "•"]
    assert ranks[0] == ["1", "fast"]
    assert ranks[-1] == ["4", "slow"]
    assert [rank for rank, _ in ranks[1:3]] == ["2–3", "2–3"]
    assert "• Not distinguishable in req/s: " in text


def test_a_doubtful_row_is_dimmed_with_the_reason_and_advice(usual: Run) -> None:
    for each in usual.slices:
        if each.variant == "axum":
            each.errors, each.failures = 100, {"status 503": 100}
    styled = shown(usual, 100, styled=True).splitlines()
    assert any("axum " in line and "\x1b[2m" in line for line in styled)
    assert not any("django " in line and "\x1b[2m" in line for line in styled)
    text = shown(usual, 140)
    assert line(text, "axum").split()[0] == "–"
    assert line(text, "axum").split()[-1] == "errors"
    assert "• errors (not ranked) – axum: 1,200 of " in text
    assert "Look for the cause in the service's log" in text


@pytest.mark.parametrize("width", [80, 100, 140, 240])
def test_all_the_rest_is_shown_where_it_is_asked_for(usual: Run, width: int) -> None:
    text = shown(usual, width, wide=True)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    for words in ("p99.9", "Postgres", "MiB", "conns", "stmts/req", "USD/month", "hosts like the article's"):
        assert words in text
        assert words not in shown(usual, width)


def test_with_room_an_interval_has_both_ends(usual: Run) -> None:
    assert "1.00 " in shown(usual, 140, wide=True)
    assert "[" in line(shown(usual, 140, wide=True), "axum")
    assert "±" in line(shown(usual, 100, wide=True), "axum")


@pytest.mark.parametrize("change", [{"haproxy": False}, {"haproxy": False, "notes": ["haproxy is not installed"]}])
def test_without_haproxy_it_says_so(run: Run, change: dict[str, object]) -> None:
    assert "users of locust, the service directly, 3 blocks" in shown(run.model_copy(update=change), 200)


def test_notes_are_shown_as_they_are(run: Run) -> None:
    run.notes = ["[bold] is not installed"]
    assert "• [bold] is not installed" in shown(run, 200)


def test_a_long_path_is_broken_and_not_cut(run: Run) -> None:
    path = "/" + 30 * "results/"
    run.notes = [f"see {path}"]
    text = shown(run, 80)
    assert "…" not in text
    assert path in "".join(line[2:].rstrip() for line in text.splitlines())


def test_nothing_measured_is_nothing_shown(run: Run) -> None:
    run.slices = []
    run.ceilings = []
    assert "recipe-detail, 50 users" not in shown(run, 200)
