"""A sweep as tables and sentences: in the terminal, and as sweep.md."""

from collections.abc import Callable, Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text
from showdown_contract.markdown import table

from showdown.report.doubts import MOST_SEEN, doubts_of, doubts_of_run
from showdown.report.figures import UNKNOWN, Figure, compact, full
from showdown.report.markdown import code, plain
from showdown.report.notes import notes
from showdown.report.setting import confidence_percent, listed, setting
from showdown.report.summary import Summary
from showdown.report.terminal import bullets
from showdown.sweep.changes import best_sentences, change_sentences
from showdown.sweep.curves import DRAWN, Drawn, reached
from showdown.sweep.laws import law_sentences
from showdown.sweep.swept import LATENCY, OF_THE_STACK, ROWS
from showdown.sweep.workloads import Place, Workload, workloads

HEADINGS = ["variant", *(drawn.heading for drawn in DRAWN), "verdict"]
FILE = "sweep.md"
READING = """\
## How to read it

- A figure is the geometric mean over the blocks, and its interval, of {confidence}, is of the blocks, too. A block's
  p99 is of all its requests; its CPU and memory are means over its slices, memory of the highest that each has seen.
- A rank change is two differences that are both established ({confidence}, corrected for the number of pairs at all
  points together). Intervals of two curves that overlap say nothing of it.
- The best value of a variant is judged for each variant by itself."""


def show_sweep(summaries: Sequence[Summary], console: Console) -> None:
    """Print a table for each workload, and what it says."""
    for workload in workloads(summaries):
        run = workload.places[0].run
        title = f"\n{workload.title} by {workload.parameter}, {setting(run)}"
        console.print(title, style="bold", highlight=False, markup=False)
        shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
        for heading in [workload.parameter, *HEADINGS]:
            shown.add_column(heading, justify="left" if heading in {"variant", "verdict"} else "right")
        for cells in _lines(workload, compact):
            shown.add_row(*map(Text, cells))
        console.print(shown)
        bullets([*sentences(workload), *_doubts(workload, MOST_SEEN)], console)
    bullets(_of_runs(summaries), console)


def sweep_markdown(summaries: Sequence[Summary], folders: Sequence[str]) -> str:
    """sweep.md. `folders`: of the runs, as links with a slash behind them; empty for the folder that it stands in."""
    first = summaries[0].run
    parts = [f"# Sweep\n\n{code(first.command)} at commit {code(first.commit)}, {setting(first)}."]
    for workload in workloads(summaries):
        parts += [
            f"## {workload.title} by {plain(workload.parameter)}",
            table(
                [plain(workload.parameter), *HEADINGS],
                [[plain(cell) for cell in line] for line in _lines(workload, full)],
            ),
            f"![{workload.title} by {plain(workload.parameter)}]({chart_name(workload)})",
            _list([*sentences(workload), *_doubts(workload, None)]),
        ]
    reports = listed(f"[{folder}report.md]({folder}report.md)" for folder in folders)
    parts += [
        _list(_of_runs(summaries)),
        READING.format(confidence=confidence_percent(first)),
        f"All figures: {reports}.",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def chart_name(workload: Workload) -> str:
    return f"sweep-{workload.title}.svg"


def _lines(workload: Workload, style: Callable[[Figure, Callable[[float], str]], str]) -> Iterator[list[str]]:
    """One line for each variant at each point."""
    for place in workload.places:
        for variant in workload.variants:
            row = place.row(variant)
            figures = [_cell(place, variant, drawn, style) for drawn in DRAWN]
            yield [place.value, variant, *figures, row.verdict if row else UNKNOWN]


def _cell(place: Place, variant: str, drawn: Drawn, style: Callable[[Figure, Callable[[float], str]], str]) -> str:
    found = reached(place, variant, drawn)
    return style(found.figure, drawn.shown) if found else UNKNOWN


def sentences(workload: Workload) -> Iterator[str]:
    """What the curves say."""
    yield _side_by_side(workload)
    yield from change_sentences(workload)
    yield from best_sentences(workload)
    yield from law_sentences(workload)


def _side_by_side(workload: Workload) -> str:
    """What can be compared with what."""
    if workload.parameter in OF_THE_STACK:
        return (
            f"Each {workload.parameter} was a run of its own, one after the other: the variants of one run stood side "
            "by side, and between two runs the machine may have changed, too."
        )
    if workload.parameter == ROWS:
        return (
            "Variants stood side by side at each number of rows; answers of different lengths were asked for in turn, "
            "in one run."
        )
    if workload.parameter == LATENCY:
        return (
            "Variants stood side by side at each latency of a round trip to Postgres, in ms; latencies came in turn, "
            "in one run."
        )
    return "All points of all variants stood side by side in one run: each is a service of its own."


def _doubts(workload: Workload, most: int | None) -> Iterator[str]:
    """About the rows of each point, those of one run once."""
    tables = {(id(place.summary), place.scenario): place for place in workload.places}
    for place in tables.values():
        where = f"{workload.parameter}={place.value}: " if workload.parameter in OF_THE_STACK else ""
        for doubt in doubts_of(place.summary.judgement, place.scenario):
            yield f"{where}{doubt.sentence(most)}"


def _of_runs(summaries: Sequence[Summary]) -> list[str]:
    """What is to be said of the runs as a whole, once where all say it."""
    told = [
        sentence
        for summary in summaries
        for sentence in (
            *(doubt.sentence(MOST_SEEN) for doubt in doubts_of_run(summary.judgement)),
            *notes(summary.run),
        )
    ]
    return list(dict.fromkeys(told))


def _list(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {plain(sentence)}" for sentence in sentences)
