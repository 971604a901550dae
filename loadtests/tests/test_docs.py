"""The commands in the documentation exist.

Other tests cover what they do; these check that names and options are spelled as the programs
spell them.
"""

import re
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel
from showdown.cli import app
from showdown.contract.asked import AskedCase, AskedKind
from showdown.contract.contract import load_contract
from showdown.contract.file import ContractFile, Python, Sql
from showdown.explain.explanation import FILE as EXPLANATION
from showdown.explain.explanation import Explanation
from showdown.measure.kept import KEPT
from showdown.measure.results import COMPRESSED, read_run
from showdown.report.cited import cited
from showdown.report.markdown import BEGIN, END, report, section
from showdown.report.output import charts
from showdown.report.prices import load_prices
from showdown.report.summary import Summary, summarize
from showdown.sweep.folders import links, read_sweep, run_folders, sweep_charts
from showdown.sweep.sweep_report import FILE as SWEEP
from showdown.sweep.sweep_report import sweep_markdown
from showdown_contract.files import CHECKOUT, CONTRACT

DOCUMENTS = [
    CHECKOUT / path
    for path in (
        "README.md",
        "CONTRIBUTING.md",
        "docs/own-contract.md",
        "docs/outbound.md",
        "pyext/README.md",
        "infra/README.md",
    )
]
# A link in ordinary brackets to a file: neither a URL nor an anchor in the document.
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
VARIABLE = re.compile(r'^variable "(\w+)"', re.MULTILINE)


def documented_commands() -> list[list[str]]:
    blocks = [block for path in DOCUMENTS for block in re.findall(r"```console\n(.*?)```", path.read_text(), re.DOTALL)]
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [shlex.split(line.removeprefix("$ "), comments=True) for line in lines if line.startswith("$ ")]


def commands_of(program: str) -> list[list[str]]:
    found = [command[1:] for command in documented_commands() if command[0] == program]
    assert found, f"the documentation shows no {program} command"
    return found


def test_every_documented_program_is_one_of_ours() -> None:
    assert {command[0] for command in documented_commands()} == {"make", "showdown", "locust", "terraform"}


# A sweep of several runs has a folder for each in its own.
KEPT_RUNS = sorted(path.parent for form in ("*", "*/*") for path in KEPT.glob(f"{form}/{COMPRESSED}"))


@pytest.fixture(scope="module", params=KEPT_RUNS, ids=lambda folder: folder.name)
def kept(request: pytest.FixtureRequest) -> tuple[Path, Summary]:
    """A run that documents may cite, and its folder."""
    folder: Path = request.param
    return folder, summarize(read_run(folder), load_prices())


def test_the_readmes_table_and_chart_are_those_of_a_run_that_is_kept() -> None:
    text = (CHECKOUT / "README.md").read_text().partition(f"{BEGIN}\n")[2].partition(f"\n{END}")[0]
    (link,) = re.findall(r"\[all figures\]\((docs/results/[^/)]+/)report\.md\)", text)
    assert CHECKOUT / link in [folder / "" for folder in KEPT_RUNS]
    assert text == section(summarize(read_run(CHECKOUT / link), load_prices()), link)


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


def test_every_figure_in_the_page_about_outbound_calls_is_that_of_a_run_that_is_kept() -> None:
    text = (CHECKOUT / "docs" / "outbound.md").read_text()
    assert text == cited(text), "type: python -m showdown.report.cited docs/outbound.md"


@pytest.mark.parametrize("arguments", commands_of("make"), ids=shlex.join)
def test_make(arguments: list[str]) -> None:
    # Commands in pyext's documents first leave its folder.
    folder = CHECKOUT / "pyext" if "-C" in arguments else CHECKOUT
    subprocess.run(["make", "--dry-run", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize("arguments", commands_of("showdown"), ids=shlex.join)
def test_showdown(arguments: list[str]) -> None:
    command = typer.main.get_command(app)
    with command.make_context("showdown", list(arguments)) as context:
        name, subcommand, rest = command.resolve_command(context, list(arguments))  # type: ignore[attr-defined]
        values = subcommand.make_context(name, rest, parent=context).params
    contract = load_contract(CHECKOUT / values.get("contract_folder", CONTRACT))
    workloads = contract.scenarios
    names = {*contract.variants.variants, *workloads.scenarios, *workloads.profiles, *contract.chains}
    options = ("variant", "variants", "scenarios", "profile", "chain")
    named = [values[option] for option in options if values.get(option)]
    assert {name for each in named for name in each.split(",")} <= names


@pytest.mark.parametrize("model", [ContractFile, Sql, Python, AskedKind, AskedCase])
def test_the_page_about_a_contract_of_ones_own_has_every_field(model: type[BaseModel]) -> None:
    page = (CHECKOUT / "docs" / "own-contract.md").read_text()
    named = set(re.findall(r"`(\w+)`", page))
    assert {field.alias or name for name, field in model.model_fields.items()} <= named


def tracked(*patterns: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


@pytest.mark.parametrize("arguments", commands_of("locust"), ids=shlex.join)
def test_locust(arguments: list[str]) -> None:
    command = [str(Path(sys.executable).with_name("locust")), *arguments, "--list"]
    result = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "Api" in result.stdout


@pytest.mark.parametrize("arguments", commands_of("terraform"), ids=shlex.join)
def test_terraform(arguments: list[str]) -> None:
    # infra/tests tests what they do, against a fake of the provider's API.
    folder, command, *options = arguments
    assert folder == "-chdir=infra"
    assert command in {"init", "apply", "destroy"}
    variables = {value.partition("=")[0] for option, value in pairwise(options) if option == "-var"}
    assert variables <= set(VARIABLE.findall((CHECKOUT / "infra" / "variables.tf").read_text()))


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
