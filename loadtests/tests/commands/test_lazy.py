"""A command imports what it needs, and nothing of the others."""

import subprocess
import sys

import pytest
import typer
from showdown.cli import COMMANDS, app
from showdown.commands.lazy import loaded

MODULES = {f"showdown.commands.{name.replace('-', '_')}" for name in COMMANDS}
# What is imported for what is typed, but not printed.
IMPORTED = """
import contextlib, io, sys
from showdown.cli import app
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    app(sys.argv[1:])
print(*sys.modules)
"""


def imported(*words: str) -> set[str]:
    result = subprocess.run(
        [sys.executable, "-c", IMPORTED, *words], capture_output=True, text=True, check=True, timeout=60
    )
    return set(result.stdout.split())


def test_help_imports_no_command() -> None:
    assert not {*MODULES, "psycopg", "numpy", "gevent"} & imported("--help")


@pytest.mark.parametrize("words", [["list"], ["run", "--help"]])
def test_a_command_imports_no_other(words: list[str]) -> None:
    assert MODULES & imported(*words) == {f"showdown.commands.{words[0]}"}


def test_to_list_names_nothing_is_imported_that_measures_or_judges() -> None:
    others = {"showdown.measure.blocks", "showdown.judge.judgement", "showdown.session", "numpy", "gevent"}
    assert not others & imported("list")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_there_with_its_help(name: str) -> None:
    command = loaded(name, COMMANDS[name])
    assert (command.name, command.help) == (name, COMMANDS[name])
    assert callable(command.callback)


def test_commands_are_in_the_order_of_the_list() -> None:
    assert [*typer.main.get_group(app).commands] == [*COMMANDS]
