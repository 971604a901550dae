"""Figures, charts and links of the documents are those of what is committed."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
from documents import DOCUMENTS, tracked
from pydantic import BaseModel
from showdown.contract.asked import AskedCase, AskedKind
from showdown.contract.contract import load_contract
from showdown.contract.file import ContractFile, Python, Sql
from showdown.explain.explanation import FILE as EXPLANATION
from showdown.explain.explanation import Explanation
from showdown.measure.kept import KEPT
from showdown.measure.results import COMPRESSED, read_run
from showdown.report.cited import MARKED, cited
from showdown.report.markdown import report
from showdown.report.output import charts
from showdown.report.prices import load_prices
from showdown.report.readme import MOST_COLUMNS, all_tables, filled_in, first_screen
from showdown.report.summary import Summary, summarize
from showdown.sweep.folders import links, read_sweep, run_folders, sweep_charts
from showdown.sweep.sweep_report import FILE as SWEEP
from showdown.sweep.sweep_report import sweep_markdown
from showdown_contract.files import CHECKOUT

# The run that the README shows.
SHOWN = "quick"
# A link in ordinary brackets to a file: neither a URL nor an anchor in the document.
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
VARIABLE = re.compile(r'^variable "(\w+)"', re.MULTILINE)
# A sweep of several runs has a folder for each in its own.
KEPT_RUNS = sorted(path.parent for form in ("*", "*/*") for path in KEPT.glob(f"{form}/{COMPRESSED}"))
README = CHECKOUT / "README.md"
CITING = [document for document in DOCUMENTS if document != README and MARKED.search(document.read_text())]
# Markdown takes such a line for HTML.
BEGINS_A_LINE = re.compile(
    r"^ *<!-- (?:cite (?:figure|times|verdict|crossing|model|command)|construct (?:time|share|flame)) ", re.MULTILINE
)


@pytest.fixture(scope="module", params=KEPT_RUNS, ids=lambda folder: folder.name)
def kept(request: pytest.FixtureRequest) -> tuple[Path, Summary]:
    """A run that documents may cite, and its folder."""
    folder: Path = request.param
    return folder, summarize(read_run(folder), load_prices())


@pytest.fixture(scope="module")
def shown() -> Summary:
    return summarize(read_run(KEPT / SHOWN), load_prices())


def test_the_first_screen_of_the_readme_is_that_of_a_run_that_is_kept(shown: Summary) -> None:
    """And so are the figures in its sentences."""
    part = first_screen(shown, f"docs/results/{SHOWN}/")
    assert README.read_text() == filled_in(README, part), "type: make publish"


def test_the_page_of_all_tables_is_that_of_the_same_run(shown: Summary) -> None:
    page = CHECKOUT / "docs/results.md"
    part = all_tables(shown, f"results/{SHOWN}/", f"results/{SHOWN}/report.md")
    assert page.read_text() == filled_in(page, part), "type: make publish"


def test_the_first_screen_is_a_sentence_two_commands_a_chart_and_a_small_table() -> None:
    screen = README.read_text().partition("\n## ")[0]
    assert "<!-- cite times quick " in screen.partition("```console")[0]
    assert len(re.findall(r"^\$ ", screen, re.MULTILINE)) == 2
    assert len(re.findall(r"^!\[", screen, re.MULTILINE)) == 1
    rules = re.findall(r"^\|-.*\|$", screen, re.MULTILINE)
    assert [rule.strip("|").count("|") + 1 for rule in rules] == [MOST_COLUMNS]


def test_every_figure_of_a_report_that_is_kept_is_derived_from_its_results(kept: tuple[Path, Summary]) -> None:
    folder, summary = kept
    assert (folder / "report.md").read_text() == report(summary)


def test_every_chart_that_is_kept_is_drawn_from_its_results(kept: tuple[Path, Summary]) -> None:
    folder, summary = kept
    of_sweep = dict(sweep_charts([summary])) if summary.run.sweep and (folder / SWEEP).exists() else {}
    drawn = {path.name: path.read_text() for path in folder.glob("*.svg")}
    assert drawn == dict(charts(summary)) | of_sweep


def test_what_is_kept_of_a_sweep_is_derived_from_its_results() -> None:
    for folder in (path.parent for path in KEPT.glob(f"*/{SWEEP}")):
        runs = run_folders(folder) or [folder]
        summaries = read_sweep(runs, load_prices())
        assert (folder / SWEEP).read_text() == sweep_markdown(summaries, links(folder, runs))
        for name, drawn in sweep_charts(summaries):
            assert (folder / name).read_text() == drawn


def test_what_is_kept_of_a_chain_is_derived_from_its_results(kept: tuple[Path, Summary]) -> None:
    folder, summary = kept
    file = folder / EXPLANATION
    assert file.exists() == (summary.explanation is not None)
    if summary.explanation:
        assert Explanation.model_validate_json(file.read_text()) == summary.explanation


@pytest.mark.parametrize("document", CITING, ids=lambda path: path.name)
def test_every_figure_that_a_document_cites_is_that_of_a_run_that_is_kept(document: Path) -> None:
    text = document.read_text()
    assert text == cited(text), f"type: python -m showdown.report.cited {document.relative_to(CHECKOUT)}"


@pytest.mark.parametrize("document", [README, *CITING], ids=lambda path: path.name)
def test_no_mark_ends_a_paragraph(document: Path) -> None:
    assert BEGINS_A_LINE.findall(document.read_text()) == []


def test_every_variant_is_named_in_the_page_about_bias() -> None:
    names = re.findall(r"`([\w.*-]+)`", (CHECKOUT / "docs/bias.md").read_text().partition("## What an expert")[2])
    variants = load_contract().variants.variants
    assert [variant for variant in variants if not any(fnmatch(variant, name) for name in names)] == []


@pytest.mark.parametrize("model", [ContractFile, Sql, Python, AskedKind, AskedCase])
def test_the_page_about_a_contract_of_ones_own_has_every_field(model: type[BaseModel]) -> None:
    page = (CHECKOUT / "docs" / "own-contract.md").read_text()
    named = set(re.findall(r"`(\w+)`", page))
    assert {field.alias or name for name, field in model.model_fields.items()} <= named


def test_the_settings_that_are_shown_are_all_that_have_no_default() -> None:
    shown = re.findall(r"^ *(\w+) +=", (CHECKOUT / "infra" / "README.md").read_text(), re.MULTILINE)
    blocks = re.split(r"(?m)^(?=variable )", (CHECKOUT / "infra" / "variables.tf").read_text())
    needed = [VARIABLE.findall(block)[0] for block in blocks if VARIABLE.search(block) and "default" not in block]
    assert sorted(shown) == sorted(needed)


@pytest.mark.parametrize("name", [*tracked("*.md")])
def test_every_link_to_a_file_leads_somewhere(name: str) -> None:
    document = CHECKOUT / name
    links = LINK.findall(document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_path_in_the_lists_of_files_to_touch_exists() -> None:
    """A path may begin at the root, or at the package that the step names."""
    lists = (CHECKOUT / "CONTRIBUTING.md").read_text().partition("## How to add")[2]
    named = [name.rstrip("/") for name in re.findall(r"`(\w[\w./-]+)`", lists) if "/" in name]
    files = [Path("/", name) for name in tracked()]
    there = [str(path) for path in {*files, *(folder for file in files for folder in file.parents)}]
    assert named
    assert [name for name in named if not any(path.endswith(f"/{name}") for path in there)] == []
