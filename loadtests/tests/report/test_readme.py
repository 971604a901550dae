"""What documents show of a run: a README's first screen, and the page with all tables."""

from pathlib import Path

import pytest
from made_up_runs import made_up_ceiling, made_up_run
from showdown.measure.results import Run
from showdown.report.readme import BEGIN, END, MOST_COLUMNS, NEW_PAGE, all_tables, filled_in, first_screen
from showdown.report.summary import summarize
from showdown_contract.errors import ShowdownError


@pytest.fixture
def measured() -> Run:
    """A run with a twin and a ceiling, in which fast is twice as fast as slow."""
    run = made_up_run({"slow": 1000.0, "fast": 2000.0}, twin_of="fast")
    run.ceilings = [made_up_ceiling(block, lap, 9_000.0) for block in range(1, 7) for lap in (1, 2)]
    return run


def table(text: str) -> list[list[str]]:
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line] for line in lines if not line[0].startswith("---")]


def test_the_first_screen_is_a_chart_and_a_small_table(measured: Run) -> None:
    text = first_screen(summarize(measured), "docs/results/quick/")
    chart, baseline, _, said = text.split("\n\n")
    assert chart.startswith("![recipe-detail: ")
    assert chart.endswith("](docs/results/quick/recipe-detail.svg)")
    assert baseline == "**recipe-detail**, × baseline: × slow"
    assert said.startswith("`showdown run` at commit `0123456789ab`, on 4 cores of EPYC")
    assert said.endswith("[All columns, verdicts and advice](docs/results.md).")
    headings, *rows = table(text)
    assert headings == ["variant", "rank", "req/s", "× baseline", "p99 ms", "CPU µs/req"]
    assert {row[0] for row in rows} == {"fast", "fast-twin", "slow", "pgbench"}


def test_a_row_without_a_rank_says_why(measured: Run) -> None:
    for each in measured.slices:
        if each.variant == "slow":
            each.errors, each.failures = 100, {"status 503": 100}
    places = {row[0]: row[1] for row in table(first_screen(summarize(measured), ""))[1:]}
    assert places["pgbench"] == "ceiling"
    assert places["fast-twin"].startswith("A/A ±")
    assert places["*slow*"] == "errors"


def test_no_run_has_more_columns(measured: Run, grown: Run) -> None:
    for run in (measured, grown):
        assert {len(row) for row in table(first_screen(summarize(run), ""))} == {MOST_COLUMNS}


def test_only_the_first_scenario_is_on_it(run: Run) -> None:
    other = [each.model_copy(update={"scenario": "healthz"}) for each in run.slices]
    run.profile.scenarios, run.slices = ["recipe-detail", "healthz"], [*run.slices, *other]
    assert "healthz" not in first_screen(summarize(run), "")
    assert "**healthz**" in all_tables(summarize(run), "", None)


def test_a_run_without_results_says_how_it_was_made(run: Run) -> None:
    run.slices, run.ceilings = [], []
    assert first_screen(summarize(run), "").startswith("`showdown run")


def test_the_page_has_all_columns_and_all_that_was_seen(measured: Run) -> None:
    text = all_tables(summarize(measured), "results/quick/", "results/quick/report.md")
    assert text.startswith("`showdown run` at commit `0123456789ab`, on 4 cores of EPYC")
    assert "([how to read it](results/quick/report.md)):" in text
    assert "](results/quick/recipe-detail.svg)" in text
    headings = [row for row in table(text) if row[0] == "variant"]
    assert headings[0][-1] == "verdict"
    assert "Postgres CPU µs/req" in headings[1]
    assert "\n- A/A: fast-twin" in text


@pytest.fixture
def readme(tmp_path: Path) -> Path:
    path = tmp_path / "README.md"
    path.write_text(f"# Title\n\n{BEGIN}\nstale\n{END}\n\nThe rest.\n")
    return path


def test_only_what_is_between_the_markers_is_replaced(readme: Path) -> None:
    assert filled_in(readme, "part") == f"# Title\n\n{BEGIN}\npart\n{END}\n\nThe rest.\n"


def test_the_same_twice_is_the_same(readme: Path) -> None:
    once = filled_in(readme, "part")
    readme.write_text(once)
    assert filled_in(readme, "part") == once


def test_marks_beside_it_are_filled_in_too(readme: Path) -> None:
    readme.write_text(f"<!-- cite command quick -->stale<!-- end -->\n{readme.read_text()}")
    assert filled_in(readme, "part").startswith("<!-- cite command quick -->`showdown run --profile quick` at commit")


@pytest.mark.parametrize("text", ["# Title\n", f"{BEGIN}\n", f"{END}\n", f"{END}\n{BEGIN}\n"])
def test_a_document_without_both_markers_is_told(readme: Path, text: str) -> None:
    readme.write_text(text)
    with pytest.raises(ShowdownError, match=r"README\.md has no lines"):
        filled_in(readme, "part")


def test_a_page_need_not_be_there(tmp_path: Path) -> None:
    assert filled_in(tmp_path / "results.md", "part", NEW_PAGE) == f"# Results\n\n{BEGIN}\npart\n{END}\n"
    with pytest.raises(FileNotFoundError):
        filled_in(tmp_path / "README.md", "part")
