"""Writes what people read of a run into its folder."""

from pathlib import Path

from showdown.report.chart import write_chart, write_growth_chart
from showdown.report.markdown import report, splice
from showdown.report.summary import summarize
from showdown.results import Run

DOCS = "docs"


def write_report(run: Run, folder: Path) -> Path:
    """report.md and a chart a scenario; returns the report's path."""
    _write_charts(run, folder)
    path = folder / "report.md"
    path.write_text(report(run))
    return path


def write_into_readme(run: Run, readme: Path) -> None:
    """The tables between the file's markers, and their charts in docs/ beside it. Raises ShowdownError."""
    splice(readme, run, charts=f"{DOCS}/")
    folder = readme.parent / DOCS
    folder.mkdir(exist_ok=True)
    _write_charts(run, folder)


def _write_charts(run: Run, folder: Path) -> None:
    for scenario in run.profile.scenarios:
        if summarize(run, scenario):
            write_chart(run, scenario, folder / f"{scenario}.svg")
            if len(run.service_hosts) > 1:
                write_growth_chart(run, scenario, folder / f"{scenario}-per-usd.svg")
