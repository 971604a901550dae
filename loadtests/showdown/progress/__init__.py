"""How far long work has come: a view that is replaced in a terminal, and lines in a pipe."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from showdown.console import line, notices
from showdown.measure.results import Run
from showdown.measure.runner import Group, Listener
from showdown.progress.lines import Lines
from showdown.progress.live_view import LiveView


@contextmanager
def seeding(size: int) -> Iterator[Callable[[int], object]]:
    """Appears with the first seeded recipes and disappears when all are stored."""
    if not notices.is_interactive or notices.quiet:
        said = False

        def say(done: int) -> None:
            nonlocal said
            if done < size and not said:
                said = True
                line(f"seeding {size:,} recipes")

        yield say
        return
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=notices, transient=True) as progress:
        task = progress.add_task(f"seeding {size:,} recipes", total=size, visible=False)
        yield lambda done: progress.update(task, completed=done, visible=done < size)


@contextmanager
def measuring(run: Run, to_do: Sequence[Group]) -> Iterator[Listener]:
    """What is measured now, what was found so far, and how long the rest will take."""
    if notices.is_interactive and not notices.quiet:
        with LiveView(run, to_do, notices) as view:
            yield Listener(view.on_step, view.on_turn, view.on_seconds, view.on_group, view.on_fault)
    else:
        lines = Lines(run, to_do)
        yield Listener(lines.on_step, lines.on_turn, lines.on_seconds, lines.on_group, lines.on_fault)
