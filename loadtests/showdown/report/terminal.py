"""A run's result in the terminal."""

from itertools import chain

from rich import box
from rich.console import Console
from rich.table import Table

from showdown.report.columns import Column, cost, speed
from showdown.report.notes import notes
from showdown.report.summary import Row, summarize
from showdown.results import Run

# From here on what a client sees and what it takes stand in one table.
WIDE = 120


def show(run: Run, console: Console) -> None:
    """Print a scenario's rows, one scenario after the other, and what a reader has to know."""
    for scenario in run.profile.scenarios:
        if rows := summarize(run, scenario):
            console.print(f"\n{scenario}, {_how(run)}", style="bold", highlight=False)
            parts = [speed(run.baseline), cost()]
            for columns in [[*chain(*parts)]] if console.width >= WIDE else parts:
                console.print(_table(columns, rows))
    for note in notes(run):
        console.print(f"• {note}", highlight=False, markup=False)


def _table(columns: list[Column], rows: list[Row]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("variant", no_wrap=True)
    for column in columns:
        table.add_column(column.heading, justify="right")
    for row in rows:
        table.add_row(row.name, *(column.cell(row) for column in columns), style="dim" if row.is_reference else "")
    return table


def _how(run: Run) -> str:
    path = "direct" if run.direct or run.missing else "through haproxy"
    return f"{run.profile.users} users of {run.generator}, {path}, median of {run.profile.rounds} round(s)"
