"""The columns of the table, the same in the terminal and in Markdown."""

from dataclasses import dataclass

from showdown.measure.results import Run
from showdown.report import metrics
from showdown.report.metrics import Group, Metric
from showdown.report.summary import Row

UNKNOWN = "–"


@dataclass(frozen=True)
class Column:
    """A heading, and a cell for each row."""

    heading: str
    metric: Metric

    def cell(self, row: Row) -> str:
        value = row[self.metric.name]
        return UNKNOWN if value is None else self.metric.shown(value)


def column_groups(run: Run) -> list[list[Column]]:
    """All columns, in groups that a narrow terminal shows below each other."""
    shown = [group for group in Group if run.hosts or group is not Group.COST]
    return [
        [
            Column(metric.heading.format(baseline=run.compared_with), metric)
            for metric in metrics.METRICS
            if metric.group is group
        ]
        for group in shown
    ]


def all_columns(run: Run) -> list[Column]:
    """All columns in one row."""
    return [column for group in column_groups(run) for column in group]
