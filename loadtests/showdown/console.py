"""Talks to the person at the terminal: errors in a line, an orderly end on Ctrl-C."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import psycopg
import typer
from rich.console import Console
from showdown_contract.errors import ShowdownError
from showdown_stack.text import printable

out = Console()
err = Console(stderr=True)

INTERRUPTED = 130
ENDINGS = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


@contextmanager
def explained() -> Iterator[None]:
    """End the command with one clear message and a non-zero code where something goes wrong, or on Ctrl-C."""
    # When the terminal closes or the job ends, stop in order, as on Ctrl-C.
    for ending in ENDINGS:
        signal.signal(ending, _interrupt)
    try:
        yield
    except ShowdownError as error:
        fail(str(error))
    except psycopg.Error as error:
        fail(f"Postgres: {str(error).strip()}")
    except BrokenPipeError:
        # The reader of our output has exited, as `head` does. Discard what is still in the buffer.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None
    except OSError as error:
        # Such as a full disk or a folder without permission, where no other code gave a better message.
        place = f"{error.filename}: " if error.filename else ""
        fail(f"{place}{error.strerror or error}")
    except KeyboardInterrupt:
        for ending in (signal.SIGINT, *ENDINGS):
            signal.signal(ending, signal.SIG_IGN)
        err.print("showdown: interrupted; everything that was started has been stopped", style="yellow")
        raise typer.Exit(INTERRUPTED) from None


def fail(message: str) -> None:
    """Say what went wrong and end with code 1."""
    err.print(f"showdown: {printable(message)}", style="red", highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(1) from None


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
