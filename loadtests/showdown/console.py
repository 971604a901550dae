"""Talks to the person at the terminal: errors in a line, an orderly end on Ctrl-C."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import psycopg
import typer
from rich.console import Console
from showdown_contract.errors import ShowdownError
from showdown_stack.text import printable

out = Console()
err = Console(stderr=True)

# How a command ends, besides 0; 2, of a mistyped command line, is the parser's own.
FAILED, DOUBTFUL, INTERRUPTED = 1, 3, 130
EXIT_CODES = (
    "Exit codes: 0 it is done; 1 something failed, and what, and what to do, is said; 2 the command line is not right; "
    "3 with --strict, a number is not to be published as it is; 130 interrupted, and everything stopped."
)
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
        raise typer.Exit(FAILED) from None
    except OSError as error:
        # Such as a full disk or a folder without permission, where no other code gave a better message.
        place = f"{error.filename}: " if error.filename else ""
        fail(f"{place}{error.strerror or error}")
    except KeyboardInterrupt:
        for ending in (signal.SIGINT, *ENDINGS):
            signal.signal(ending, signal.SIG_IGN)
        err.print("showdown: interrupted; everything that was started has been stopped", style="yellow")
        raise typer.Exit(INTERRUPTED) from None


def fail(message: str, code: int = FAILED) -> NoReturn:
    """Say what went wrong and end with this code."""
    err.print(f"showdown: {printable(message)}", style="red", highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(code) from None


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
