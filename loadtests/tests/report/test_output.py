"""A run's reports are written beside its results, or into a README."""

from pathlib import Path

import pytest
from made_up_runs import SCENARIO
from showdown.judge.differences import differences
from showdown.measure.results import Run
from showdown.report.flame_differences import FlameDifference
from showdown.report.markdown import report
from showdown.report.output import write_comparison, write_into_readme, write_report
from showdown.report.readme import BEGIN, END
from showdown.report.summary import summarize
from showdown_contract.errors import ShowdownError


def test_a_report_and_a_chart_a_scenario(run: Run, tmp_path: Path) -> None:
    run.profile.scenarios = ["healthz", "recipe-detail"]
    assert write_report(summarize(run), tmp_path) == tmp_path / "report.md"
    assert (tmp_path / "report.md").read_text() == report(summarize(run))
    # healthz was not measured.
    assert {path.name for path in tmp_path.iterdir()} == {"report.md", "report.html", "recipe-detail.svg"}


@pytest.mark.parametrize("name", ["results.json", "results.json.xz"])
def test_the_page_links_to_the_results_beside_it(run: Run, tmp_path: Path, name: str) -> None:
    write_report(summarize(run), tmp_path)
    assert f'href="{name}"' not in (tmp_path / "report.html").read_text()
    (tmp_path / name).touch()
    write_report(summarize(run), tmp_path)
    assert f'href="{name}"' in (tmp_path / "report.html").read_text()


def test_a_readme_links_to_charts_that_are_there(run: Run, tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"{BEGIN}\n{END}\n")
    write_into_readme(summarize(run), readme, tmp_path / "run")
    assert "(docs/recipe-detail.svg)" in readme.read_text()
    assert (tmp_path / "docs" / "recipe-detail.svg").read_text().startswith("<svg")


def test_a_readme_links_to_a_run_that_is_kept_beside_it(run: Run, tmp_path: Path) -> None:
    readme, kept = tmp_path / "README.md", tmp_path / "docs" / "results" / "quick"
    kept.mkdir(parents=True)
    readme.write_text(f"{BEGIN}\n{END}\n")
    write_into_readme(summarize(run), readme, kept)
    assert "(docs/results/quick/recipe-detail.svg)" in readme.read_text()
    page = tmp_path / "docs" / "results.md"
    assert "(results/quick/recipe-detail.svg)" in page.read_text()
    assert "([how to read it](results/quick/report.md)):" in page.read_text()
    assert set((tmp_path / "docs").iterdir()) == {tmp_path / "docs" / "results", page}


def test_the_page_of_all_tables_keeps_what_else_is_in_it(run: Run, tmp_path: Path) -> None:
    readme, page = tmp_path / "README.md", tmp_path / "docs" / "results.md"
    page.parent.mkdir()
    readme.write_text(f"{BEGIN}\n{END}\n")
    page.write_text(f"# Mine\n\n{BEGIN}\nstale\n{END}\n")
    write_into_readme(summarize(run), readme, tmp_path / "run")
    assert page.read_text().startswith(f"# Mine\n\n{BEGIN}\n`showdown run --variants slow,fast` at commit")
    assert "stale" not in page.read_text()

    page.write_text("# Mine\n")
    readme.write_text(f"{BEGIN}\n{END}\n")
    with pytest.raises(ShowdownError, match=r"results\.md has no lines"):
        write_into_readme(summarize(run), readme, tmp_path / "run")
    assert (readme.read_text(), page.read_text()) == (f"{BEGIN}\n{END}\n", "# Mine\n")


def test_a_readme_without_markers_gets_nothing(run: Run, tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.touch()
    with pytest.raises(ShowdownError, match="has no lines"):
        write_into_readme(summarize(run), readme, tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


def test_growth_is_drawn_too(grown: Run, tmp_path: Path) -> None:
    write_report(summarize(grown), tmp_path)
    charts = {path.name for path in tmp_path.iterdir() if path.suffix == ".svg"}
    assert charts == {"recipe-detail.svg", "recipe-detail-per-usd.svg"}
    text = (tmp_path / "report.md").read_text()
    assert all(f"({chart})" in text for chart in charts)


def test_the_page_of_all_tables_links_to_the_chart_of_growth(grown: Run, tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"{BEGIN}\n{END}\n")
    write_into_readme(summarize(grown), readme, tmp_path / "run")
    assert "(recipe-detail-per-usd.svg)" in (tmp_path / "docs" / "results.md").read_text()
    assert (tmp_path / "docs" / "recipe-detail-per-usd.svg").read_text().startswith("<svg")


@pytest.mark.parametrize("name", ["report.md", "report.html", "recipe-detail.svg"])
def test_a_link_in_the_folder_leads_nowhere(run: Run, tmp_path: Path, name: str) -> None:
    folder, mine = tmp_path / "run", tmp_path / "mine"
    folder.mkdir()
    mine.write_text("mine")
    (folder / name).symlink_to(mine)
    write_report(summarize(run), folder)
    assert mine.read_text() == "mine"
    assert not (folder / name).is_symlink()


def test_a_readme_that_is_a_link_stays_one(run: Run, tmp_path: Path) -> None:
    readme, link = tmp_path / "README.md", tmp_path / "LINK.md"
    readme.write_text(f"{BEGIN}\n{END}\n")
    link.symlink_to(readme)
    write_into_readme(summarize(run), link, tmp_path / "run")
    assert link.is_symlink()
    assert "| pgbench" in readme.read_text()


def test_a_folder_that_cannot_be_written_to_is_explained(run: Run, tmp_path: Path) -> None:
    (tmp_path / "report.md").mkdir()
    with pytest.raises(ShowdownError, match=r"cannot write the report to .* \(Is a directory\)"):
        write_report(summarize(run), tmp_path)


def test_the_page_of_two_runs_says_what_else_differs(run: Run, tmp_path: Path) -> None:
    other, path = run.model_copy(update={"commit": "fedcba987654"}), tmp_path / "comparison.html"
    write_comparison(run, other, differences(run, other), path)
    assert "commit: 0123456789ab, and fedcba987654" in path.read_text()


def test_the_page_of_two_runs_leads_to_their_flame_graphs(run: Run, tmp_path: Path) -> None:
    drawn = FlameDifference("fast", SCENARIO, tmp_path / "the second" / "profiles" / SCENARIO / "fast-since-first.svg")
    path = tmp_path / "pages" / "comparison.html"
    path.parent.mkdir()
    write_comparison(run, run, differences(run, run), path, [drawn])
    link = f"../the%20second/profiles/{SCENARIO}/fast-since-first.svg"
    assert f'<a href="{link}">fast, {SCENARIO}</a>' in path.read_text()
    write_comparison(run, run, differences(run, run), path)
    assert "Flame graphs" not in path.read_text()


def test_a_page_that_cannot_be_written_is_explained(run: Run, tmp_path: Path) -> None:
    with pytest.raises(ShowdownError, match=r"cannot write the report to .* \(No such file or directory\)"):
        write_comparison(run, run, differences(run, run), tmp_path / "none" / "comparison.html")
