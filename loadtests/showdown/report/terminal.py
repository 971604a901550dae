"""A run's result in the terminal."""

from rich import box
from rich.console import Console
from rich.table import Table

from showdown.report.columns import Column, all_columns, cpu, footprint, speed
from showdown.report.notes import notes
from showdown.report.setting import setting
from showdown.report.summary import Row, summarize
from showdown.results import Run

# From here on all columns stand in one table.
WIDE = 160


def show(run: Run, console: Console) -> None:
    """Print a scenario's rows, one scenario after the other, and what a reader has to know."""
    for scenario in run.profile.scenarios:
        if rows := summarize(run, scenario):
            console.print(f"\n{scenario}, {setting(run)}", style="bold", highlight=False)
            narrow = [speed(run.baseline), cpu(), footprint()]
            for columns in [all_columns(run.baseline)] if console.width >= WIDE else narrow:
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
