"""Talks to the person at the terminal: errors in a line, an orderly end on Ctrl-C."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import psycopg
import typer
from local_stack.errors import StackError
from rich.console import Console

from showdown.errors import ShowdownError

out = Console()
err = Console(stderr=True)

INTERRUPTED = 130


@contextmanager
def explained() -> Iterator[None]:
    """End the command with one clear message and a non-zero code where something goes wrong, or on Ctrl-C."""
    # The end of a terminal or a job ends us as Ctrl-C does: in order.
    for ending in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(ending, _interrupt)
    try:
        yield
    except (ShowdownError, StackError) as error:
        fail(str(error))
    except psycopg.Error as error:
        fail(f"Postgres: {str(error).strip()}")
    except KeyboardInterrupt:
        err.print("showdown: interrupted; everything that was started has been stopped", style="yellow")
        raise typer.Exit(INTERRUPTED) from None


def fail(message: str) -> None:
    """Say what went wrong and end with code 1."""
    err.print(f"showdown: {message}", style="red", highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(1) from None


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
