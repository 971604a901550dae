"""The Markdown export has the same columns for every run, and no charts."""

from exported_runs import exported
from showdown.measure.results import Run
from showdown.report.exports.comment import BEGIN, as_markdown
from showdown.report.summary import summarize


def heading(text: str) -> list[str]:
    return [cell.strip() for cell in next(line for line in text.splitlines() if line.startswith("| ")).split("|")]


def test_it_says_its_version_first_and_shows_no_pictures() -> None:
    text = as_markdown(exported())
    assert text.splitlines()[0] == BEGIN
    assert "![" not in text


def test_the_columns_are_those_of_every_other_run(run: Run) -> None:
    assert heading(as_markdown(summarize(run))) == heading(as_markdown(exported()))


def test_doubts_come_with_their_advice() -> None:
    assert "- errors (not ranked) – faulty: " in as_markdown(exported())


def test_text_from_outside_makes_no_html(run: Run) -> None:
    run.notes = ["<script>alert(1)</script>"]
    assert "\\<script\\>" in as_markdown(summarize(run))
