"""Progress bars for long work."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from showdown_stack.text import printable

from showdown.console import err
from showdown.measure.results import Fault, Run
from showdown.measure.runner import SET_UP_SECONDS, Group, Listener
from showdown.measure.schedule import WARM_UP, Turn
from showdown.report.setting import contender_name


@contextmanager
def seeding(size: int) -> Iterator[Callable[[int], object]]:
    """A progress bar that appears with the first seeded recipes and disappears when all are stored."""
    with _progress() as progress:
        task = progress.add_task(f"seeding {size:,} recipes", total=size, visible=False)
        yield lambda done: progress.update(task, completed=done, visible=done < size)


@contextmanager
def measuring(run: Run, to_do: Sequence[Group]) -> Iterator[Listener]:
    """A progress bar over all that is to be measured, in seconds, and a line for each fault."""
    with _progress() as progress:
        shown = Shown(run, to_do, progress)
        yield Listener(shown.on_step, shown.on_turn, shown.on_seconds, shown.on_group, shown.on_fault)


class Shown:
    """What is shown of a run."""

    def __init__(self, run: Run, to_do: Sequence[Group], progress: Progress) -> None:
        self._run = run
        self._progress = progress
        self._left = list(to_do)
        self._set_ups: list[float] = []
        self._began = time.monotonic()
        self._place = ""
        self._in_turns = False
        self._task = progress.add_task("", total=self._seconds_left())

    def on_group(self, group: Group) -> None:
        # Of blocks that are added one by one (--until) only the next is known.
        self._left = self._left[1:]
        if not self._in_turns:
            self._began = time.monotonic()
        self._in_turns = False
        of_all = f"/{self._run.profile.blocks}" if self._run.until_half_width is None else ""
        self._place = f"block {group.block}{of_all}" + (f".{group.number}" if group.number > 1 else "")
        done = self._progress.tasks[0].completed
        self._progress.update(self._task, total=done + self._set_up_seconds() + group.seconds + self._seconds_left())

    def on_step(self, what: str) -> None:
        self._say(what)

    def on_turn(self, turn: Turn) -> None:
        if not self._in_turns:
            self._set_ups.append(time.monotonic() - self._began)
            self._in_turns = True
        lap = "warm-up" if turn.lap == WARM_UP else f"lap {turn.lap}/{self._run.profile.laps}"
        self._say(f"{lap}  {turn.scenario}  {contender_name(self._run, turn.contender, turn.service_hosts)}")

    def on_seconds(self, passed: float) -> None:
        self._progress.advance(self._task, passed)

    def on_fault(self, fault: Fault) -> None:
        place = ", ".join(filter(None, [fault.variant, fault.scenario, f"block {fault.block}"]))
        self._progress.print(
            f"[yellow]{escape(place)} has no result:[/] {escape(printable(fault.reason))}", highlight=False
        )

    def _say(self, what: str) -> None:
        self._progress.update(self._task, description=f"{self._place}  {what}"[:60].ljust(60))

    def _seconds_left(self) -> float:
        return sum(self._set_up_seconds() + group.seconds for group in self._left)

    def _set_up_seconds(self) -> float:
        """As long as it took so far, at the mean."""
        return sum(self._set_ups) / len(self._set_ups) if self._set_ups else SET_UP_SECONDS


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=err, transient=True)
