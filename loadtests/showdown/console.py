"""Talks to the person at the terminal: errors in a line, progress on long work, an orderly end on Ctrl-C."""

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

import psycopg
import typer
from local_stack.errors import StackError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from showdown.errors import ShowdownError
from showdown.results import Fault, Run
from showdown.runner import Listener, Turn, turn_seconds, turns
from showdown.scenarios import Scenario

out = Console()
err = Console(stderr=True)

INTERRUPTED = 130


@contextmanager
def explained() -> Iterator[None]:
    """End the command with one clear message and a non-zero code where something goes wrong, or on Ctrl-C."""
    # What ends a session or a job ends us as Ctrl-C does: in order.
    signal.signal(signal.SIGTERM, _interrupt)
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


@contextmanager
def seeding(recipes: int) -> Iterator[Callable[[int], object]]:
    """A progress bar that appears when it is first told how many recipes are stored, and goes when all are."""
    with _progress() as progress:
        task = progress.add_task(f"seeding {recipes:,} recipes", total=recipes, visible=False)
        yield lambda done: progress.update(task, completed=done, visible=done < recipes)


@contextmanager
def measuring(run: Run, scenarios: Mapping[str, Scenario]) -> Iterator[Listener]:
    """A progress bar over all turns of a run, in seconds, and a line for each fault."""
    seconds, done = turn_seconds(run), -1

    with _progress() as progress:
        task = progress.add_task("", total=seconds * len(turns(run, scenarios)))

        def on_turn(turn: Turn) -> None:
            nonlocal done
            done += 1
            what = f"round {turn.number}/{run.profile.rounds}  {turn.scenario}  {turn.contender}"
            progress.update(task, completed=done * seconds, description=f"{what:<44}")

        def on_fault(fault: Fault) -> None:
            place = f"{fault.variant}, {fault.scenario}, round {fault.round}"
            progress.print(f"[yellow]{escape(place)} has no result:[/] {escape(fault.reason)}", highlight=False)

        yield Listener(on_turn, lambda passed: progress.advance(task, passed), on_fault)


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=err, transient=True)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
