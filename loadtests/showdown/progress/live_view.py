"""The view in a terminal while a run goes on."""

from collections.abc import Sequence
from itertools import product
from types import TracebackType
from typing import Self

from rich import box
from rich.console import Console, RenderableType
from rich.console import Group as Stacked
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text
from showdown_stack.text import printable

from showdown.measure.results import Fault, Run
from showdown.measure.runner import Group
from showdown.measure.schedule import Turn
from showdown.progress.place import fault_text, place, rest, turn_text
from showdown.progress.time_left import TimeLeft
from showdown.report.so_far import SoFar, after, heading, precision, so_far

# To draw takes CPU time, on the machine that is measured.
PER_SECOND = 2
BAR_WIDTH = 40
NOW, OTHER = "▸", " "


class LiveView:
    """What is measured now, how long the rest will take, and the figures of the blocks that are over."""

    def __init__(self, run: Run, to_do: Sequence[Group], console: Console) -> None:
        self._run = run
        self._left = TimeLeft(to_do)
        self._place = self._what = ""
        self._turn: Turn | None = None
        self._figures: dict[tuple[str, int], list[SoFar]] = {}
        self._precision: str | None = None
        self._look()
        self._live = Live(get_renderable=self._drawn, console=console, transient=True, refresh_per_second=PER_SECOND)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def on_group(self, group: Group) -> None:
        self._left.on_group(group)
        self._place, self._what, self._turn = f"{place(self._run, group)}  ", "", None
        self._look()

    def on_step(self, what: str) -> None:
        self._what = what

    def on_turn(self, turn: Turn) -> None:
        self._left.on_turn()
        self._turn, self._what = turn, turn_text(self._run, turn)

    def on_seconds(self, passed: float) -> None:
        self._left.on_seconds(passed)

    def on_fault(self, fault: Fault) -> None:
        self._live.console.print(Text(printable(fault_text(fault)), style="yellow"))

    def _look(self) -> None:
        """Once for each block, and not each time that the view is drawn: this takes longer."""
        kinds = product(self._run.profile.scenarios, self._run.service_hosts)
        self._figures = {kind: so_far(self._run, *kind) for kind in kinds}
        self._precision = precision(self._run)

    def _drawn(self) -> RenderableType:
        now = Text(f"{self._place}{printable(self._what)}", no_wrap=True, overflow="ellipsis")
        bar = Table.grid(padding=(0, 1))
        share = self._left.share_done
        bar.add_row(ProgressBar(1.0, share, width=BAR_WIDTH), f"{share:.0%}", rest(self._run, self._left))
        precision = [self._precision] if self._precision else []
        return Stacked(now, bar, *precision, self._table())

    def _table(self) -> Table:
        """Of the scenario that is measured now, or of the first."""
        turn = self._turn
        kind = (turn.scenario, turn.service_hosts) if turn else next(iter(self._figures))
        of_kind = self._figures.get(kind) or next(iter(self._figures.values()))
        title = f"{kind[0]}, {after(self._run)}"
        table = Table(
            box=box.SIMPLE_HEAD,
            pad_edge=False,
            collapse_padding=True,
            title=title,
            title_justify="left",
            title_style="",
        )
        table.add_column("", no_wrap=True)
        # The only column that gives way where there is no room: what is not wrapped is never narrower.
        table.add_column("variant", overflow="ellipsis")
        table.add_column(heading(self._run), justify="right", no_wrap=True)
        table.add_column("× baseline", justify="right", no_wrap=True)
        for each, name in zip(of_kind, self._run.variants, strict=True):
            is_now = turn is not None and turn.contender == name
            table.add_row(NOW if is_now else OTHER, each.name, each.level, each.ratio, style="bold" if is_now else "")
        return table
