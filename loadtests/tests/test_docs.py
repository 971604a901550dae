"""The commands of the documentation are commands that exist.

What they do is tested where it is made; here, that names and options are spelled as the programs
spell them.
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from local_stack.privilege import CHECKOUT
from showdown.cli import app
from showdown.scenarios import load_scenario_file
from showdown.variants import load_variant_file

DOCUMENTS = [CHECKOUT / "README.md", CHECKOUT / "pyext" / "README.md"]


def documented_commands() -> list[list[str]]:
    blocks = [block for path in DOCUMENTS for block in re.findall(r"```console\n(.*?)```", path.read_text(), re.DOTALL)]
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [shlex.split(line, comments=True) for line in lines]


def commands_of(program: str) -> list[list[str]]:
    found = [command[1:] for command in documented_commands() if command[0] == program]
    assert found, f"the documentation shows no {program} command"
    return found


def test_every_documented_program_is_one_of_ours() -> None:
    assert {command[0] for command in documented_commands()} == {"make", "showdown", "locust"}


@pytest.mark.parametrize("arguments", commands_of("make"), ids=shlex.join)
def test_make(arguments: list[str]) -> None:
    # What is said in pyext leads out of it first.
    folder = CHECKOUT / "pyext" if "-C" in arguments else CHECKOUT
    subprocess.run(["make", "--dry-run", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize("arguments", commands_of("showdown"), ids=shlex.join)
def test_showdown(arguments: list[str]) -> None:
    command = typer.main.get_command(app)
    with command.make_context("showdown", list(arguments)) as context:
        name, subcommand, rest = command.resolve_command(context, list(arguments))  # type: ignore[attr-defined]
        values = subcommand.make_context(name, rest, parent=context).params
    workloads = load_scenario_file()
    names = {*load_variant_file().variants, *workloads.scenarios, *workloads.profiles}
    for option in ("variant", "variants", "scenarios", "profile"):
        assert set((values.get(option) or "axum").split(",")) <= names


@pytest.mark.parametrize("arguments", commands_of("locust"), ids=shlex.join)
def test_locust(arguments: list[str]) -> None:
    command = [str(Path(sys.executable).with_name("locust")), *arguments, "--list"]
    result = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "Api" in result.stdout
