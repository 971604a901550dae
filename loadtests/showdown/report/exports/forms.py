"""The forms there are, by the names that `--export` takes."""

from collections.abc import Callable, Mapping
from typing import Literal

from showdown.report.exports.benchmark import as_benchmark
from showdown.report.exports.comment import as_markdown
from showdown.report.exports.document import as_json
from showdown.report.exports.openmetrics import as_openmetrics
from showdown.report.exports.spreadsheet import as_csv
from showdown.report.summary import Summary

ExportName = Literal["csv", "markdown", "json", "openmetrics", "github-action-benchmark"]

EXPORTS: Mapping[ExportName, Callable[[Summary], str]] = {
    "csv": as_csv,
    "markdown": as_markdown,
    "json": as_json,
    "openmetrics": as_openmetrics,
    "github-action-benchmark": as_benchmark,
}
