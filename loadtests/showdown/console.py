"""What a command says: results on stdout, the rest on stderr, errors in a line, an orderly end on Ctrl-C."""

import math
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Literal, NoReturn, TypeVar

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape
from showdown_contract.errors import ShowdownError
from showdown_stack.text import printable

Found = TypeVar("Found", bound=BaseModel)

out = Console()
err = Console(stderr=True)
# Progress and what else is good to know, unless --quiet is given.
notices = Console(stderr=True)

# What is done next may change many times in a second, which nobody wants in a log.
LINE_SECONDS = 10.0

# How a command ends, besides 0; 2, of a mistyped command line, is the parser's own.
FAILED, DOUBTFUL, INTERRUPTED = 1, 3, 130
EXIT_CODES = (
    "Exit codes: 0 it is done; 1 something failed, and what, and what to do, is said; 2 the command line is not right; "
    "3 with --strict, a number is not to be published as it is; or with --fail-if-worse, something is worse; "
    "130 interrupted, and everything stopped."
)
View = Literal["table", "wide", "json", "nothing"]
"""What is shown of a run on stdout."""

_last_words: list[str] = []
ENDINGS = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


@contextmanager
def explained(*, quiet: bool = False) -> Iterator[None]:
    """End the command with one clear message and a non-zero code where something goes wrong, or on Ctrl-C.

    `quiet`: say nothing on stderr but that message, and what is said at the end.
    """
    notices.quiet = quiet
    _last_words.clear()
    # When the terminal closes or the job ends, stop in order, as on Ctrl-C.
    for ending in ENDINGS:
        signal.signal(ending, _interrupt)
    try:
        yield
    except ShowdownError as error:
        fail(str(error))
    except _postgres_error() as error:
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
    finally:
        for message in _last_words:
            err.print(f"showdown: {printable(message)}", style="yellow", highlight=False, markup=False, soft_wrap=True)


def notice(message: str) -> None:
    """Say in a line what is good to know."""
    notices.print(f"showdown: {printable(message)}", style="yellow", highlight=False, markup=False, soft_wrap=True)


def say_at_the_end(message: str) -> None:
    """Say this last, however the command ends."""
    _last_words.append(message)


@contextmanager
def doing(what: str = "") -> Iterator[Callable[[str], None]]:
    """Say what is done as long as it takes; gives a function that says what is done next.

    In a pipe these are lines, no more than one in LINE_SECONDS.
    """
    if notices.is_interactive and not notices.quiet:
        with notices.status(escape(printable(what))) as status:
            yield lambda now: status.update(escape(printable(now)))
    else:
        if what:
            line(what)
        said_at = -math.inf

        def say(now: str) -> None:
            nonlocal said_at
            if time.monotonic() - said_at >= LINE_SECONDS:
                said_at = time.monotonic()
                line(now)

        yield say


def line(message: str) -> None:
    """Say how far the work has come, where nothing can be replaced that was said before."""
    notices.print(f"showdown: {printable(message)}", highlight=False, markup=False, soft_wrap=True)


def write(text: str) -> None:
    """Write to stdout what a program is to read: in UTF-8, whatever the terminal's own encoding is."""
    typer.echo(text.encode(), nl=False)


def write_json(document: BaseModel) -> None:
    """Write one JSON document to stdout."""
    write(document.model_dump_json(indent=2) + "\n")


def show_result(
    found: Found,
    show: Callable[[Found, Console], object],
    writers: Sequence[Callable[[Found, Path], Path]],
    folder: Path,
    *,
    as_json: bool,
) -> None:
    """How a command ends that has found something: its tables or its JSON, and then the files that have it."""
    if as_json:
        write_json(found)
    else:
        show(found, out)
    show_paths([write(found, folder) for write in writers], on_stdout=not as_json)


def show_paths(paths: Iterable[Path], *, on_stdout: bool) -> None:
    """Say where something was written down. Beside a JSON document there is nothing else on stdout."""
    text = "\n".join(map(str, paths))
    (out if on_stdout else notices).print(f"\n{text}", highlight=False, markup=False, soft_wrap=True)


def fail(message: str, code: int = FAILED) -> NoReturn:
    """Say what went wrong and end with this code."""
    err.print(f"showdown: {printable(message)}", style="red", highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(code) from None


def _postgres_error() -> type[Exception]:
    """Asked only when something has gone wrong."""
    import psycopg  # noqa: PLC0415 - it takes as long to import as all else that a command needs to read results

    return psycopg.Error


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
