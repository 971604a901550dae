"""A run's result in the terminal: one table for each scenario, as wide as there is room."""

from collections.abc import Iterable, Iterator

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from showdown.report.columns import ANSWER, ANSWER_WITH_ALL, OTHERS, Column, Style, columns
from showdown.report.doubts import MOST_SEEN, doubts_of, doubts_of_run
from showdown.report.figures import compact, full, wrapped
from showdown.report.findings import told
from showdown.report.latency_tables import over_latency_sentences, tables_of
from showdown.report.notes import notes
from showdown.report.planted_work import planted_table
from showdown.report.price_note import price_note
from showdown.report.setting import setting
from showdown.report.summary import Row, Summary
from showdown.report.waterfall import print_table, show_waterfall

UNBOUNDED = 10_000
# The width of the last column, the only one that is wrapped.
LAST_WIDTH = 14


def show(summary: Summary, console: Console, *, wide: bool = False) -> None:
    """Print a scenario's rows and what they say, one scenario after the other. `wide`: all columns there are."""
    run = summary.run
    for scenario, rows in summary.rows.items():
        console.print(
            f"\n{scenario}, {setting(run)}; the baseline is {run.compared_with}",
            style="bold",
            highlight=False,
            markup=False,
        )
        explained = summary.explained(scenario)
        for chain, of_chain in explained:
            show_waterfall(chain, of_chain, rows, console)
        if planted := summary.planted(scenario):
            print_table(*planted_table(planted), console)
        if wide or not explained:
            for table in _wide(rows, console) if wide else [_answer(rows, console)]:
                console.print(table)
        if wide and (note := price_note(summary)):
            bullets([note], console)
        bullets(told(summary, scenario), console)
        bullets((doubt.sentence(MOST_SEEN) for doubt in doubts_of(summary.judgement, scenario)), console)
    for over in summary.explanation.over_latency if summary.explanation else []:
        console.print(
            f"\n{over.scenario} over the latency of a round trip", style="bold", highlight=False, markup=False
        )
        for headings, lines in tables_of(over):
            print_table(headings, lines, console)
        bullets(over_latency_sentences(over), console)
    bullets((doubt.sentence(MOST_SEEN) for doubt in doubts_of_run(summary.judgement)), console)
    bullets(notes(run), console)


def _answer(rows: list[Row], console: Console) -> Table:
    """The table with the columns that fit."""
    candidates = [_table(columns(rows, groups), rows, verdicts=True) for groups in (ANSWER_WITH_ALL, ANSWER)]
    return next((table for table in candidates if least_width(table, console) <= console.width), candidates[-1])


def _wide(rows: list[Row], console: Console) -> Iterator[Table]:
    """The same with both ends of each interval, and all that is known besides, where there is room in one table."""
    answer = _table(columns(rows, ANSWER_WITH_ALL), rows, style=full, verdicts=True)
    yield answer if least_width(answer, console) <= console.width else _answer(rows, console)
    others = _table(columns(rows, OTHERS), rows, verdicts=False)
    if least_width(others, console) <= console.width:
        yield others
    else:
        yield from (_table(shown, rows, verdicts=False) for group in OTHERS if (shown := columns(rows, [group])))


def least_width(table: Table, console: Console) -> int:
    """The width of a table in which nothing is cut and only the last column is wrapped."""
    widest = max((cell_len(str(cell)) for cell in table.columns[-1].cells), default=0)
    whole = Measurement.get(console, console.options.update(max_width=UNBOUNDED), table).maximum
    return whole - max(0, widest - LAST_WIDTH)


def _table(shown: list[Column], rows: list[Row], *, style: Style = compact, verdicts: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    if verdicts:
        table.add_column("rank", no_wrap=True)
    table.add_column("variant", no_wrap=True)
    for column in shown:
        cells = [column.cell(row, style) for row in rows]
        table.add_column(wrapped(column.heading, max(map(len, cells))), justify="right", no_wrap=True)
    if verdicts:
        table.add_column("verdict")
    for row in rows:
        cells = [row.name, *(column.cell(row, style) for column in shown)]
        if verdicts:
            cells = [row.rank_text, *cells, row.verdict]
        table.add_row(*map(Text, cells), style="dim" if row.is_ceiling or row.is_doubtful else "")
    return table


def bullets(sentences: Iterable[str], console: Console) -> None:
    """Print each sentence as a list item."""
    for sentence in sentences:
        bullet = Table.grid(padding=(0, 1, 0, 0))
        bullet.add_column()
        bullet.add_column(overflow="fold")
        bullet.add_row("•", Text(sentence))
        console.print(bullet, highlight=False)
