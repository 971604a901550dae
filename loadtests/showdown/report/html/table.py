"""The table of a scenario: which variants are not distinguishable, and by which number each cell is sorted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from showdown.report.columns import Column
from showdown.report.figures import UNKNOWN
from showdown.report.findings import by_size, not_distinguishable
from showdown.report.setting import contender_name
from showdown.report.summary import Row, Summary


@dataclass(frozen=True)
class Cell:
    """What stands in it; below that, its interval."""

    text: str
    interval: str
    value: float | str | None
    """By which it is sorted. None: behind all others."""


@dataclass(frozen=True)
class Line:
    """One row."""

    name: str
    is_doubtful: bool
    is_ceiling: bool
    begins_group: bool
    """Whether it shares no letter with the line above it."""
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Table:
    """A table that can be sorted by each of its columns."""

    headings: Sequence[str]
    """Without that of the name, which comes first."""
    lines: Sequence[Line]
    is_ranked: bool = False
    """Whether it is sorted by its first column."""
    ends_in_words: bool = False
    """Whether the last column is text."""


def answer(summary: Summary, scenario: str, shown: Sequence[Column]) -> Table:
    """With rank, letters and verdict."""
    letters = alike(summary, scenario)
    lines: list[Line] = []
    before: Sequence[str] = ()
    for place, row in enumerate(summary.rows[scenario]):
        own = letters.get(row.name, ())
        cells = [
            Cell(row.rank_text, "", place if row.rank else None),
            Cell(", ".join(own), "", ", ".join(own) or None),
            *(_cell(row, column) for column in shown),
            Cell(row.verdict, "", row.verdict),
        ]
        lines.append(_line(row, cells, begins_group=not set(own) & set(before)))
        before = own
    return Table(
        ["rank", "alike", *(column.heading for column in shown), "verdict"], lines, is_ranked=True, ends_in_words=True
    )


def others(summary: Summary, scenario: str, shown: Sequence[Column]) -> Table:
    """All other figures."""
    lines = [_line(row, [_cell(row, column) for column in shown], begins_group=True) for row in summary.rows[scenario]]
    return Table([column.heading for column in shown], lines)


def alike(summary: Summary, scenario: str) -> Mapping[str, Sequence[str]]:
    """By a row's name, a letter for each group of rows in which no difference is established, by what is ranked by."""
    groups: list[list[str]] = []
    for hosts in summary.run.service_hosts:
        standing = summary.judgement.standing(scenario, hosts, summary.judgement.ranked_by)
        if standing:
            found = not_distinguishable(by_size(standing), standing)
            groups += [[contender_name(summary.run, name, hosts) for name in group] for group in found]
    letters: dict[str, list[str]] = {}
    for number, group in enumerate(groups):
        # a to z, then aa, bb and so on.
        letter = ascii_lowercase[number % 26] * (1 + number // 26)
        for name in group:
            letters.setdefault(name, []).append(letter)
    return letters


def _line(row: Row, cells: Sequence[Cell], *, begins_group: bool) -> Line:
    return Line(
        name=row.name,
        is_doubtful=row.is_doubtful,
        is_ceiling=row.is_ceiling,
        begins_group=begins_group,
        cells=cells,
    )


def _cell(row: Row, column: Column) -> Cell:
    metric, figure = column.metric, row.figure(column.metric.name)
    if figure is None:
        return Cell(UNKNOWN, "", None)
    interval = ""
    if (metric.has_interval or metric.is_difference) and figure.low is not None and figure.high is not None:
        between = ", " if metric.is_difference else "–"
        interval = f"[{metric.shown(figure.low)}{between}{metric.shown(figure.high)}]"
    return Cell(metric.shown(figure.value), interval, figure.value)
