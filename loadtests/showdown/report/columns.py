"""The columns of a table, the same in the terminal and in Markdown."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from showdown.report import metrics
from showdown.report.figures import UNKNOWN, Figure, difference
from showdown.report.metrics import Group, Metric
from showdown.report.summary import Row

Style = Callable[[Figure, Callable[[float], str]], str]
"""How a figure with its interval is written."""
ANSWER, ANSWER_WITH_ALL = (Group.ANSWER,), (Group.ANSWER, Group.ANSWER_IF_ROOM)
OTHERS = (Group.LATENCY, Group.CPU, Group.FOOTPRINT, Group.GROWTH, Group.COST)


@dataclass(frozen=True)
class Column:
    """A heading, and a cell for each row."""

    metric: Metric

    @property
    def heading(self) -> str:
        return self.metric.heading

    def cell(self, row: Row, style: Style) -> str:
        figure = row.figure(self.metric.name)
        if figure is None:
            return UNKNOWN
        if self.metric.is_difference:
            return difference(figure, self.metric.shown)
        return style(figure, self.metric.shown) if self.metric.has_interval else self.metric.shown(figure.value)


def columns(rows: list[Row], groups: Iterable[Group]) -> list[Column]:
    """The columns of these groups, without columns that are empty in all rows."""
    return [
        Column(metric)
        for group in groups
        for metric in metrics.METRICS
        if metric.group is group and any(row.figure(metric.name) is not None for row in rows)
    ]
