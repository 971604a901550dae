"""A sweep in the terminal and as sweep.md: the same lines, the same sentences."""

from io import StringIO

from made_up_sweeps import Speeds, made_up_latencies, made_up_rows, made_up_sizes, made_up_sweep
from rich.console import Console
from showdown.measure.results import Run
from showdown.report.summary import summarize
from showdown.sweep.sweep_report import show_sweep, sweep_markdown

SPEEDS: Speeds = {"a": {"1": 100.0, "5": 200.0, "20": 300.0}, "b": {"1": 50.0, "5": 150.0, "20": 900.0}}


def shown(*runs: Run, width: int = 120) -> str:
    output = StringIO()
    show_sweep([summarize(run) for run in runs], Console(file=output, width=width))
    return output.getvalue()


def flat(text: str) -> str:
    return " ".join(text.split())


def test_each_point_of_each_variant_has_a_line() -> None:
    lines = [line.split() for line in shown(made_up_sweep("pool", SPEEDS)).splitlines()]
    points = [line[:2] for line in lines if len(line) > 2 and line[1] in SPEEDS]
    assert points == [["1", "a"], ["1", "b"], ["5", "a"], ["5", "b"], ["20", "a"], ["20", "b"]]


def test_the_sentences_say_what_stood_side_by_side_and_where_the_order_changes() -> None:
    told = flat(shown(made_up_sweep("pool", SPEEDS)))
    assert "All points of all variants stood side by side in one run: each is a service of its own." in told
    assert "Rank change: a has more req/s than b at pool=1 (2.0" in told or "Rank change: a has more" in told
    assert "refused, for 3 points do not tell whether a law of three parameters fits." in told
    told = flat(shown(*made_up_sizes(SPEEDS)))
    assert "Each size was a run of its own, one after the other" in told
    assert "recipe-detail by size" in told
    told = flat(shown(made_up_rows(SPEEDS)))
    assert "Variants stood side by side at each number of rows" in told
    told = flat(shown(made_up_latencies({"a": {"0": 100.0, "8": 90.0}, "b": {"0": 200.0, "8": 50.0}})))
    assert "Variants stood side by side at each latency of a round trip to Postgres" in told
    assert "Rank change: a has more req/s than b at latency=8" in told


def test_nothing_is_wider_than_the_terminal() -> None:
    assert max(map(len, shown(made_up_sweep("pool", SPEEDS), width=80).splitlines())) <= 80


def test_doubts_about_a_point_are_told() -> None:
    run = made_up_sweep("pool", SPEEDS)
    for each in run.slices:
        if each.variant == "b.pool-20":
            each.errors = 1
            each.failures = {"wrong body": 1}
    told = flat(shown(run))
    assert "b.pool-20: " in told
    assert "numbers not shown" in told


def test_the_same_is_in_markdown_with_links_to_the_runs() -> None:
    written = sweep_markdown([summarize(made_up_sweep("pool", SPEEDS))], [""])
    assert "| pool | variant |" in written
    assert "![recipe-detail by pool](sweep-recipe-detail.svg)" in written
    assert "- Rank change: a has more req/s than b at pool=1" in written
    assert "All figures: [report.md](report.md)." in written
    written = sweep_markdown([summarize(run) for run in made_up_sizes(SPEEDS)], ["size-1/", "size-5/", "size-20/"])
    assert "[size-1/report.md](size-1/report.md), [size-5/report.md](size-5/report.md) and " in written


def test_somebody_elses_numbers_need_not_be_numbers() -> None:
    run = made_up_sweep("users", SPEEDS)
    assert run.sweep
    run.sweep.points[0].value = "many"
    assert "Universal Scalability Law" not in shown(run)
    rows = made_up_rows(SPEEDS)
    assert rows.sweep
    rows.sweep.parameter = "../../rows"
    assert "(sweep-rows.svg)" in sweep_markdown([summarize(rows)], [""])


def test_somebody_elses_texts_make_no_markdown() -> None:
    run = made_up_sweep("pool", SPEEDS)
    assert run.sweep
    run.sweep.parameter = "[x](http://example.com)"
    run.sweep.points[0].value = "<b>"
    written = sweep_markdown([summarize(run)], [""])
    assert "[x](http" not in written
    assert "<b>" not in written
