"""Writes a run's report and charts into its folder."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from showdown_contract.errors import ShowdownError

from showdown.explain.explanation import FILE as EXPLANATION
from showdown.files import replace_file
from showdown.judge.differences import Difference, circumstances, obstacles
from showdown.measure.results import COMPRESSED, FILE, Run
from showdown.report.flame_differences import FlameDifference
from showdown.report.markdown import report, steps_file
from showdown.report.readme import NEW_PAGE, PAGE, all_tables, filled_in, first_screen
from showdown.report.setting import confidence_percent, is_long
from showdown.report.side_by_side import disagreements
from showdown.report.summary import Summary

HTML = "report.html"


def write_report(summary: Summary, folder: Path) -> Path:
    """Write report.md, one chart for each scenario, and report.html; returns the path of report.md."""
    from showdown.report.html.page import page  # noqa: PLC0415 - altair takes as long to import as all else

    path = folder / "report.md"
    with _explained(folder):
        _write_charts(summary, folder)
        if summary.explanation:
            replace_file(folder / EXPLANATION, summary.explanation.model_dump_json(indent=2) + "\n")
        replace_file(path, report(summary))
        results = next((name for name in (FILE, COMPRESSED) if (folder / name).exists()), None)
        replace_file(folder / HTML, page(summary, results=results))
    return path


def write_comparison(
    first: Run, second: Run, found: Sequence[Difference], path: Path, flames: Sequence[FlameDifference] = ()
) -> None:
    """Write the page of two runs, with links to their flame graphs. Raises ShowdownError."""
    from showdown.report.html.before_after import before_after  # noqa: PLC0415 - as above

    said = [*obstacles(first, second), *circumstances(first, second), *disagreements(first, second, found)]
    with _explained(path):
        links = [(f"{flame.variant}, {flame.scenario}", _link(flame.path, path)) for flame in flames]
        replace_file(path, before_after(first, second, found, said, links))


def _link(path: Path, page: Path) -> str:
    """As a page leads there, wherever both are moved together."""
    return quote(os.path.relpath(path.resolve(), page.resolve().parent))


def write_into_readme(summary: Summary, readme: Path, folder: Path) -> None:
    """Put the first screen between the file's markers, and all tables between those of docs/results.md beside it.

    Raises ShowdownError, and then the file has not changed. `folder`: the run's. Where it is kept in docs/ beside the
    file, both link to its charts; otherwise they get charts of their own there, for a run's folder is not committed.
    """
    page = readme.resolve().parent / PAGE
    docs = page.parent
    is_kept = folder.resolve().is_relative_to(docs)
    beside = f"{folder.resolve().relative_to(docs).as_posix()}/" if is_kept else ""
    with _explained(readme):
        screen = filled_in(readme, first_screen(summary, f"{docs.name}/{beside}"))
    with _explained(page):
        all_of_it = filled_in(page, all_tables(summary, beside, f"{beside}report.md" if is_kept else None), NEW_PAGE)
        docs.mkdir(exist_ok=True)
        if not is_kept:
            _write_charts(summary, docs)
        _replace(page, all_of_it)
    with _explained(readme):
        _replace(readme, screen)


def _replace(path: Path, text: str) -> None:
    """Write to the file that a link leads to, as an editor would."""
    path = path.resolve()
    replace_file(path, text, mode_of=path if path.exists() else None)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ShowdownError(f"cannot write the report to {path} ({reason})") from None


def charts(summary: Summary) -> Iterator[tuple[str, str]]:
    """Each chart's file name, and the chart as SVG."""
    from showdown.report.chart import chart, growth_chart, steps_chart  # noqa: PLC0415 - as above
    from showdown.report.latency_chart import latency_chart  # noqa: PLC0415 - as above
    from showdown.report.over_time import over_time  # noqa: PLC0415 - as above

    for scenario, rows in summary.rows.items():
        yield f"{scenario}.svg", chart(rows, scenario, confidence_percent(summary.run))
        for number, (_, explained) in enumerate(summary.explained(scenario)):
            yield steps_file(scenario, number), steps_chart(explained)
        if len(summary.run.service_hosts) > 1:
            yield f"{scenario}-per-usd.svg", growth_chart(rows, scenario)
        if is_long(summary.run):
            yield f"{scenario}-over-time.svg", over_time(summary.run, scenario)
    for over in summary.explanation.over_latency if summary.explanation else []:
        yield f"{over.scenario}-over-latency.svg", latency_chart(over)


def _write_charts(summary: Summary, folder: Path) -> None:
    for name, drawn in charts(summary):
        replace_file(folder / name, drawn)
