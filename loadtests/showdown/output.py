"""Writes what people read of a run into its folder."""

from pathlib import Path

from showdown.chart import write_chart
from showdown.markdown import report
from showdown.results import Run
from showdown.summary import summarize


def write_report(run: Run, folder: Path) -> Path:
    """report.md and a chart a scenario; returns the report's path."""
    for scenario in run.profile.scenarios:
        if summarize(run, scenario):
            write_chart(run, scenario, folder / f"{scenario}.svg")
    path = folder / "report.md"
    path.write_text(report(run))
    return path
