"""One invocation of `showdown sweep`: its runs measured, one after the other, and what they show together."""

from collections.abc import Sequence
from pathlib import Path

from showdown_stack.pgbouncer import PoolMode

from showdown.console import line, out, show_paths, write_json
from showdown.measure.plan import BLOCKS, RunPlan, new_folder, require_new_folder
from showdown.measure.results import Run
from showdown.report.output import write_report
from showdown.report.summary import Summary
from showdown.session import run_locally, tier_options
from showdown.sweep.folders import write_sweep
from showdown.sweep.sweep_document import sweep_document
from showdown.sweep.sweep_report import show_sweep


def sweep(
    plans: Sequence[RunPlan],
    chosen: Path | None,
    *,
    haproxy: bool,
    pgbouncer: PoolMode | None,
    as_json: bool = False,
) -> list[Run]:
    """Measure, show and write down. Raises ShowdownError; what was measured until then is shown."""
    require_new_folder(chosen)
    finished: list[tuple[Summary, Path]] = []

    def keep(summary: Summary, folder: Path) -> None:
        write_report(summary, folder)
        finished.append((summary, folder))

    folders: list[Path | None] = [chosen] if len(plans) == 1 else [*_folders(plans, chosen)]
    try:
        for number, (plan, folder) in enumerate(zip(plans, folders, strict=True), start=1):
            if folder and len(plans) > 1:
                line(f"run {number} of {len(plans)}: {folder.name}")
            run_locally(plan, tier_options(plan, haproxy=haproxy, pgbouncer=pgbouncer), folder, show=keep)
    finally:
        if finished:
            runs = [folder for _, folder in finished]
            whole = runs[0] if len(plans) == 1 else runs[0].parent
            show([summary for summary, _ in finished], whole, runs, as_json=as_json)
    return [summary.run for summary, _ in finished]


def show(summaries: Sequence[Summary], folder: Path, runs: Sequence[Path], *, as_json: bool = False) -> None:
    """Print what a sweep shows, and write it into its folder. `runs`: the folders of its runs."""
    if as_json:
        write_json(sweep_document(summaries))
    else:
        show_sweep(summaries, out)
    written = write_sweep(summaries, folder, runs)
    show_paths([written], on_stdout=not as_json)


def _folders(plans: Sequence[RunPlan], chosen: Path | None) -> list[Path]:
    """One for each run, in a new one."""
    folder = new_folder(chosen)
    # The runs have such folders themselves.
    (folder / BLOCKS).rmdir()
    return [folder / f"{plan.sweep.parameter}-{plan.sweep.points[0].value}" for plan in plans if plan.sweep]
