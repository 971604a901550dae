"""How a command that has measured, or read a run, ends: what it shows of the run, and with which exit code."""

from collections.abc import Sequence
from pathlib import Path

from showdown.console import DOUBTFUL, View, fail, out, show_paths, write
from showdown.judge.judgement import judge
from showdown.judge.verdicts.verdict import Consequence
from showdown.measure.results import Run
from showdown.report import terminal
from showdown.report.exports.document import as_json
from showdown.report.output import HTML, write_report
from showdown.report.summary import Summary


def show_report(summary: Summary, folder: Path, view: View) -> None:
    """Show the tables, and write them into the run's folder."""
    if view == "json":
        write(as_json(summary))
    elif view != "nothing":
        terminal.show(summary, out, wide=view == "wide")
    path = write_report(summary, folder)
    show_paths([path.with_name(HTML), path], on_stdout=view in {"table", "wide"})


def require_whole(run: Run) -> None:
    """Exit with code 1 if a contender has lost a block."""
    if run.faults:
        originals = run.originals()
        lost = [originals.get(fault.variant, fault.variant) for fault in run.faults if fault.variant in run.variants]
        names = ",".join(dict.fromkeys(lost))
        then = f": showdown verify --variants {names} tells whether it answers as it should" if names else ""
        fail(f"blocks that a contender has lost: {len(run.faults)}; all others are reported{then}")


def require_trust(run: Run) -> None:
    """Exit with code 3 if a number must not be published as it is."""
    doubts = [verdict for verdict in judge(run).verdicts if verdict.consequence > Consequence.NOTE]
    if doubts:
        labels = ", ".join(dict.fromkeys(verdict.label for verdict in doubts))
        fail(f"not to be published as it is ({labels}): the verdicts say why, and what to do", DOUBTFUL)


def require(finished: Sequence[Run], *, strict: bool) -> None:
    """Exit with the code of what is wrong with these runs; `strict`: also where a number must not be published."""
    for each in finished:
        require_whole(each)
    for each in finished if strict else []:
        require_trust(each)
