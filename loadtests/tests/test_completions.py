"""Tab offers commands, options and names, in bash, zsh and fish."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from showdown.cli import UNBOUNDED, app
from showdown_contract.files import CHECKOUT
from typer.testing import CliRunner

TODO = CHECKOUT / "loadtests" / "tests" / "todo"


def ask(**variables: str) -> str:
    """What the command says to a shell."""
    result = CliRunner().invoke(app, prog_name="showdown", env=variables)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def as_fish(line: str) -> dict[str, str]:
    return {
        "_SHOWDOWN_COMPLETE": "complete_fish",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "_TYPER_COMPLETE_ARGS": line,
    }


def offered(line: str) -> list[str]:
    """What is offered behind a line, as fish asks for it."""
    return ask(**as_fish(line), COLUMNS=UNBOUNDED).splitlines()


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("showdown re", {"report", "reproduce"}),
        ("showdown run --variants starlette-r", {"starlette-rowjson"}),
        ("showdown run --variants starlette,axum-r", {"starlette,axum-rowjson"}),
        ("showdown verify --variants django-2022,django-2022", {"django-2022,django-2022-random"}),
        ("showdown run --profile s", {"smoke", "soak"}),
        ("showdown run --scenarios recipe-detail,recipe-list-5", {"recipe-detail,recipe-list-500"}),
        ("showdown up --variant axum-2022-r", {"axum-2022-random"}),
        ("showdown explain sync-to-a", {"sync-to-async"}),
        ("showdown faults --faults disk-full,haproxy-rel", {"disk-full,haproxy-reloaded"}),
        ("showdown report --export c", {"csv"}),
        (f"showdown run --contract {TODO} --variants th", {"threads"}),
        ("showdown run --contract /nowhere --variants a", set()),
    ],
)
def test_names_are_offered(line: str, names: set[str]) -> None:
    assert {each.partition("\t")[0] for each in offered(line) if each} == names


def test_however_long_a_description_is_it_stays_in_its_line(showdown: Callable[..., Any]) -> None:
    environment = {**os.environ, **as_fish("showdown up --variant axum-2022-r"), "COLUMNS": "40"}
    (line,) = showdown(env=environment).stdout.splitlines()
    assert line.startswith("axum-2022-random\t")
    assert len(line) > 80


def test_a_name_comes_with_what_it_stands_for() -> None:
    assert "axum\tRust as well as it goes: one cached statement" in offered("showdown up --variant axum")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_it_accepts(shell: str, tmp_path: Path) -> None:
    written = ask(_SHOWDOWN_COMPLETE=f"source_{shell}")
    assert f"_SHOWDOWN_COMPLETE=complete_{shell}" in written
    if shutil.which(shell):
        file = tmp_path / "script"
        file.write_text(written)
        subprocess.run([shell, "-n", file], check=True)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes() -> None:
    program = f"""
{ask(_SHOWDOWN_COMPLETE="source_bash")}
COMP_WORDS=(showdown report --export github) COMP_CWORD=3
_showdown_completion showdown
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    path = f"{CHECKOUT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        ["bash", "-c", program], capture_output=True, text=True, check=True, env={**os.environ, "PATH": path}
    )
    assert result.stdout == "github-action-benchmark\n"


def test_it_can_be_installed() -> None:
    assert "--install-completion" in CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).stdout
