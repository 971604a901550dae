"""One invocation of `showdown sweep`: its runs measured, one after the other, and what they show together."""

from collections.abc import Sequence
from pathlib import Path

from showdown_stack.pgbouncer import PoolMode

from showdown.console import err, out
from showdown.measure.plan import BLOCKS, RunPlan, new_folder, require_new_folder
from showdown.measure.results import Run
from showdown.report.output import write_report
from showdown.report.summary import Summary
from showdown.session import run_locally, tier_options
from showdown.sweep.folders import write_sweep
from showdown.sweep.sweep_report import show_sweep


def sweep(plans: Sequence[RunPlan], chosen: Path | None, *, haproxy: bool, pgbouncer: PoolMode | None) -> list[Run]:
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
                err.print(f"run {number} of {len(plans)}: {folder.name}", highlight=False, markup=False)
            run_locally(plan, tier_options(plan, haproxy=haproxy, pgbouncer=pgbouncer), folder, show=keep)
    finally:
        if finished:
            runs = [folder for _, folder in finished]
            show([summary for summary, _ in finished], runs[0] if len(plans) == 1 else runs[0].parent, runs)
    return [summary.run for summary, _ in finished]


def show(summaries: Sequence[Summary], folder: Path, runs: Sequence[Path]) -> None:
    """Print what a sweep shows, and write it into its folder. `runs`: the folders of its runs."""
    show_sweep(summaries, out)
    out.print(f"\n{write_sweep(summaries, folder, runs)}", highlight=False, markup=False, soft_wrap=True)


def _folders(plans: Sequence[RunPlan], chosen: Path | None) -> list[Path]:
    """One for each run, in a new one."""
    folder = new_folder(chosen)
    # The runs have such folders themselves.
    (folder / BLOCKS).rmdir()
    return [folder / f"{plan.sweep.parameter}-{plan.sweep.points[0].value}" for plan in plans if plan.sweep]
