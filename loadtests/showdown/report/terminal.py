"""A run's result in the terminal."""

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from showdown.report.columns import Column, all_columns, column_groups
from showdown.report.notes import notes
from showdown.report.setting import setting
from showdown.report.summary import Row, Summary

UNBOUNDED = 10_000


def show(summary: Summary, console: Console) -> None:
    """Print the rows of each scenario, and the notes."""
    run = summary.run
    for scenario, rows in summary.rows.items():
        console.print(f"\n{scenario}, {setting(run)}", style="bold", highlight=False)
        whole = _table(all_columns(run), rows)
        parts = [_table(columns, rows) for columns in column_groups(run)]
        for table in [whole] if _width(whole, console) <= console.width else parts:
            console.print(table)
    for note in notes(summary):
        console.print(f"• {note}", highlight=False, markup=False)


def _width(table: Table, console: Console) -> int:
    """The width of a table in which nothing is cut off."""
    return Measurement.get(console, console.options.update(max_width=UNBOUNDED), table).maximum


def _table(columns: list[Column], rows: list[Row]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("variant", no_wrap=True)
    for column in columns:
        table.add_column(column.heading, justify="right")
    for row in rows:
        table.add_row(row.name, *(column.cell(row) for column in columns), style="dim" if row.is_ceiling else "")
    return table
