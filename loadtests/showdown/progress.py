"""Progress bars for long work."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from showdown_stack.text import printable

from showdown.console import err
from showdown.measure.results import Fault, Run
from showdown.measure.runner import Listener, Turn, turn_seconds, turns
from showdown.report.setting import contender_name
from showdown.requests.kind import Kinds
from showdown.requests.scenarios import Scenario


@contextmanager
def seeding(recipes: int) -> Iterator[Callable[[int], object]]:
    """A progress bar that appears with the first seeded recipes and disappears when all are stored."""
    with _progress() as progress:
        task = progress.add_task(f"seeding {recipes:,} recipes", total=recipes, visible=False)
        yield lambda done: progress.update(task, completed=done, visible=done < recipes)


@contextmanager
def measuring(run: Run, scenarios: Mapping[str, Scenario], kinds: Kinds) -> Iterator[Listener]:
    """A progress bar over all turns of a run, in seconds, and a line for each fault."""
    seconds, done = turn_seconds(run), -1

    with _progress() as progress:
        task = progress.add_task("", total=seconds * len(turns(run, scenarios, kinds)))

        def on_turn(turn: Turn) -> None:
            nonlocal done
            done += 1
            contender = contender_name(run, turn.contender, turn.service_hosts)
            what = f"round {turn.number}/{run.profile.rounds}  {turn.scenario}  {contender}"
            progress.update(task, completed=done * seconds, description=f"{what:<44}")

        def on_fault(fault: Fault) -> None:
            contender = contender_name(run, fault.variant, fault.service_hosts)
            place = f"{contender}, {fault.scenario}, round {fault.round}"
            progress.print(
                f"[yellow]{escape(place)} has no result:[/] {escape(printable(fault.reason))}", highlight=False
            )

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
