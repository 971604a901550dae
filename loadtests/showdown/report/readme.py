"""What documents show of a run: a README's first screen, and a page with all tables.

Each stands between two markers, and the rest of the document stays as it is.
"""

from pathlib import Path

from showdown_contract.markdown import spliced, table

from showdown.files import read_bounded
from showdown.report.cited import MOST_DOCUMENT_BYTES, cited
from showdown.report.columns import ANSWER, columns
from showdown.report.figures import full
from showdown.report.markdown import made_by, name_shown, tables
from showdown.report.setting import confidence_percent
from showdown.report.summary import Row, Summary

BEGIN, END = "<!-- begin of showdown's report -->", "<!-- end of showdown's report -->"
# More do not fit beside each other on a screen.
MOST_COLUMNS = 6
PAGE = "docs/results.md"
NEW_PAGE = f"# Results\n\n{BEGIN}\n{END}\n"


def first_screen(summary: Summary, charts: str) -> str:
    """What stands in a README: one chart, and one table of at most six columns, both of the first scenario.

    `charts`: their folder, as the README links to it, with a slash behind it.
    """
    run = summary.run
    said = (
        f"{made_by(run)}. Brackets hold intervals of {confidence_percent(run)}, and a rank of 1–2 may be either. "
        f"[All columns, verdicts and advice]({PAGE})."
    )
    parts = [said]
    if summary.rows:
        scenario, rows = next(iter(summary.rows.items()))
        chart = f"![{scenario}: requests per second, as in the table below]({charts}{scenario}.svg)"
        parts = [chart, f"**{scenario}**, × baseline: × {run.compared_with}", _few_columns(rows), said]
    return "\n\n".join(parts)


def all_tables(summary: Summary, charts: str, report: str | None) -> str:
    """What stands in the page: every table and every chart of the run.

    `report`: its report.md, as the page links to it; None where that is not beside the page.
    """
    more = f" ([how to read it]({report}))" if report else ""
    return f"{made_by(summary.run)}{more}:\n\n{tables(summary, charts, everything=True)}"


def filled_in(document: Path, part: str, new: str | None = None) -> str:
    """The document with the part between its markers, and with all marks of `cited` filled in. Raises ShowdownError.

    `new`: what it is where there is none yet.
    """
    try:
        text = read_bounded(document, MOST_DOCUMENT_BYTES).decode()
    except FileNotFoundError:
        if new is None:
            raise
        text = new
    return cited(spliced(text, BEGIN, END, part, document))


def _few_columns(rows: list[Row]) -> str:
    shown = columns(rows, ANSWER)[: MOST_COLUMNS - 2]
    cells = [[name_shown(row), _place(row), *(column.cell(row, full) for column in shown)] for row in rows]
    return table(["variant", "rank", *(column.heading for column in shown)], cells)


def _place(row: Row) -> str:
    """The rank, or why there is none."""
    return row.rank_text if row.rank else row.verdict
