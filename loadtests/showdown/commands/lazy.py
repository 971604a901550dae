"""Commands that are imported when they are called: to import all takes a second of CPU time."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand


class LazyCommand(TyperCommand):
    """Known by its name and its help, which is all that `showdown --help` and Tab need."""

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """The context of the real one, whose arguments are then parsed."""
        assert self.name is not None  # noqa: S101 - given by `add_lazily`
        return loaded(self.name, self.help).make_context(*arguments, **options)


def add_lazily(app: typer.Typer, name: str, told: str) -> None:
    """Add a command, which is `main` in the module of its name. `told`: its help."""
    app.command(name, cls=LazyCommand, help=told)(_nothing)


def loaded(name: str, told: str | None = None) -> TyperCommand:
    """The real command."""
    alone = typer.Typer(add_completion=False)
    alone.command(name, help=told)(import_module(f"showdown.commands.{name.replace('-', '_')}").main)
    command = typer.main.get_command(alone)
    assert isinstance(command, TyperCommand)  # noqa: S101 - one function is no group
    return command


def _nothing() -> None:
    """In the place of a command's function, until that is imported."""
