"""Writes a run's reports into its folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from showdown_contract.errors import ShowdownError

from showdown.files import replace_file
from showdown.report.chart import chart, growth_chart
from showdown.report.markdown import report, splice
from showdown.report.summary import Summary

DOCS = "docs"


def write_report(summary: Summary, folder: Path) -> Path:
    """Write report.md and one chart for each scenario. Returns the report's path."""
    path = folder / "report.md"
    with _explained(folder):
        _write_charts(summary, folder)
        replace_file(path, report(summary))
    return path


def write_into_readme(summary: Summary, readme: Path) -> None:
    """Write the tables between the file's markers, and their charts into docs/ beside it. Raises ShowdownError."""
    folder = readme.parent / DOCS
    with _explained(readme):
        splice(readme, summary, charts=f"{DOCS}/")
        folder.mkdir(exist_ok=True)
        _write_charts(summary, folder)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ShowdownError(f"cannot write the report to {path} ({reason})") from None


def _write_charts(summary: Summary, folder: Path) -> None:
    for scenario, rows in summary.rows.items():
        replace_file(folder / f"{scenario}.svg", chart(rows, scenario))
        if len(summary.run.service_hosts) > 1:
            replace_file(folder / f"{scenario}-per-usd.svg", growth_chart(rows, scenario))
