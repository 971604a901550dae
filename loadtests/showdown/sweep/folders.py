"""The folder of a sweep: that of its one run, or with a folder for each of its runs."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from showdown_contract.errors import ShowdownError

from showdown.files import replace_file
from showdown.measure.kept import KEPT, keep, kept_folder
from showdown.measure.results import COMPRESSED, FILE, Run, read_run
from showdown.measure.sweeps import MOST_POINTS
from showdown.report.prices import Prices
from showdown.report.setting import confidence_percent
from showdown.report.summary import Summary, summarize
from showdown.sweep.sweep_report import FILE as REPORT
from showdown.sweep.sweep_report import chart_name, sweep_markdown
from showdown.sweep.workloads import workloads


def run_folders(folder: Path) -> list[Path]:
    """Of a sweep of several runs, in the order of its values; none of any other folder. Raises ShowdownError."""
    if _has_results(folder):
        return []
    found = [each.parent for name in (FILE, COMPRESSED) for each in folder.glob(f"*/{name}")]
    found = list(dict.fromkeys(found))
    if len(found) > MOST_POINTS:
        raise ShowdownError(f"{folder} holds {len(found)} runs: name the folder of one")
    # They are called size-300 and size-2000.
    return sorted(found, key=lambda each: (len(each.name), each.name))


def read_sweep(folders: Sequence[Path], prices: Prices | None) -> list[Summary]:
    """Raises ShowdownError where they are not of one sweep."""
    runs = [read_run(folder) for folder in folders]
    for folder, run in zip(folders, runs, strict=True):
        if _form(run) != _form(runs[0]) or run.sweep is None:
            raise ShowdownError(f"{folder} is not of the same sweep as {folders[0]}: name the folder of one run")
    return [summarize(run, prices) for run in runs]


def write_sweep(summaries: Sequence[Summary], folder: Path, runs: Sequence[Path]) -> Path:
    """Write sweep.md and a chart for each workload; returns the path of the first. Raises ShowdownError."""
    path = folder / REPORT
    try:
        for name, drawn in sweep_charts(summaries):
            replace_file(folder / name, drawn)
        replace_file(path, sweep_markdown(summaries, links(folder, runs)))
    except OSError as error:
        raise ShowdownError(f"cannot write the report to {path} ({error.strerror})") from None
    return path


def sweep_charts(summaries: Sequence[Summary]) -> Iterator[tuple[str, str]]:
    """Each chart's file name, and the chart as SVG."""
    from showdown.sweep.curves_chart import curves_chart  # noqa: PLC0415 - altair takes as long to import as all else

    for workload in workloads(summaries):
        yield chart_name(workload), curves_chart(workload, confidence_percent(summaries[0].run))


def links(folder: Path, runs: Sequence[Path]) -> list[str]:
    """How sweep.md names the folders of its runs."""
    return ["" if run == folder else f"{run.name}/" for run in runs]


def keep_sweep(runs: Sequence[Path], name: str, kept: Path = KEPT) -> list[Path]:
    """Keep each of several runs in a folder of its own. Raises ShowdownError."""
    target = kept_folder(name, kept)
    return [keep(run, run.name, target) for run in runs]


def _has_results(folder: Path) -> bool:
    return (folder / FILE).exists() or (folder / COMPRESSED).exists()


def _form(run: Run) -> object:
    return run.sweep and (run.sweep.parameter, run.sweep.points[0].variants, run.profile.scenarios, run.contract)
