"""`--export csv`: a line for each row of the tables, with a column for each end of each interval."""

import csv
from io import StringIO

from showdown.report import metrics
from showdown.report.exports.document import VERSION, ExportedRow, exported_rows
from showdown.report.exports.values import Value
from showdown.report.summary import Summary

ENDS = ("low", "high")


def as_csv(summary: Summary) -> str:
    """The columns are the same for every run: what was not measured is empty."""
    written = StringIO()
    lines = csv.DictWriter(written, _columns(), lineterminator="\n")
    lines.writeheader()
    lines.writerows(_line(row) for row in exported_rows(summary))
    return written.getvalue()


def _columns() -> list[str]:
    fields = [name for name in ExportedRow.model_fields if name != "figures"]
    figures = [column for metric in metrics.METRICS for column in (metric.name, *_ends(metric))]
    return ["export_version", *fields, *figures]


def _ends(metric: metrics.Metric) -> list[str]:
    return [f"{metric.name}_{end}" for end in ENDS] if metric.has_interval or metric.is_difference else []


def _line(row: ExportedRow) -> dict[str, object]:
    line: dict[str, object] = {"export_version": VERSION, **row.model_dump(exclude={"figures"})}
    for metric in metrics.METRICS:
        of = row.figures[metric.name] or Value.model_construct(value=None)
        line[metric.name] = of.value
        line |= {column: getattr(of, end) for column, end in zip(_ends(metric), ENDS, strict=False)}
    return {column: _cell(value) for column, value in line.items()}


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.15g}" if isinstance(value, float) else value
