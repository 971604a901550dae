"""Figures of kept runs in a document, each between two marks that say which it is.

    <!-- cite figure RUN VARIANT METRIC -->3.02<!-- end -->
    <!-- cite figure RUN VARIANT/OTHER METRIC -->9.42 [8.9–9.9]<!-- end -->    the one ÷ the other
    <!-- cite times RUN VARIANT/OTHER METRIC -->9.42 [8.9–9.9] ×<!-- end -->   the same, with "no difference found"
    <!-- cite steps RUN -->…<!-- end -->                                       of a chain
    <!-- cite table RUN METRIC… -->…<!-- end -->                              all variants
    <!-- cite verdict RUN VARIANT LABEL -->…<!-- end -->                      what was seen
    <!-- cite growers RUN VARIANT -->…<!-- end -->                            lines of code that kept memory
    <!-- cite command RUN -->…<!-- end -->

RUN is a folder of docs/results, METRIC a name of metrics.py. A mark in a sentence must not begin a line: Markdown would
take the line for HTML, and end the paragraph. `table`, `steps` and `growers` stand in paragraphs of their own.

    python -m showdown.report.cited DOCUMENT…    writes them anew
"""

import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_contract.markdown import table as markdown_table

from showdown.files import read_bounded, replace_file
from showdown.judge.comparisons import MEASURES
from showdown.measure.kept import KEPT
from showdown.measure.results import read_run
from showdown.report.columns import Column
from showdown.report.figures import Figure, figure, full, three_digits
from showdown.report.markdown import code, plain
from showdown.report.metrics import METRICS
from showdown.report.prices import load_prices
from showdown.report.summary import Row, Summary, summarize
from showdown.report.waterfall import NOT_FOUND, waterfall

MOST_DOCUMENT_BYTES = 2**24
MARKED = re.compile(r"(<!-- cite (\w+) ([^>]+?) -->)(.*?)(<!-- end -->)", re.DOTALL)
OF_METRIC = {metric.name: metric for metric in METRICS}
# Of what is compared slice by slice, the metric that shows it.
MEASURED_AS = dict(zip(("requests_per_second", "service_cpu_us"), MEASURES, strict=True))


def cited(text: str, kept: Path = KEPT) -> str:
    """The document with all its marks filled in. Raises ShowdownError for a mark that means nothing."""
    summaries = cache(lambda name: summarize(read_run(kept / name), load_prices()))

    def filled(mark: re.Match[str]) -> str:
        begin, kind, words, _, end = mark.groups()
        run, *asked = words.split()
        try:
            return f"{begin}{KINDS[kind](summaries(run), *asked)}{end}"
        except (KeyError, StopIteration, TypeError, ValueError):
            raise ShowdownError(f"{begin} means nothing in the run {run}") from None

    return MARKED.sub(filled, text)


def _figure(summary: Summary, variants: str, metric: str) -> str:
    first, _, second = variants.partition("/")
    if not second:
        return Column(OF_METRIC[metric]).cell(_row(summary, first), full)
    return full(_ratio(summary, first, second, metric), three_digits)


def _times(summary: Summary, variants: str, metric: str) -> str:
    first, _, second = variants.partition("/")
    ratio = _ratio(summary, first, second, metric)
    is_found = ratio.low is None or ratio.high is None or not ratio.low <= 1 <= ratio.high
    return f"{full(ratio, three_digits)} ×{'' if is_found else f' ({NOT_FOUND})'}"


def _ratio(summary: Summary, first: str, second: str, metric: str) -> Figure:
    if metric in MEASURED_AS:
        (scenario,) = summary.rows
        standing = summary.judgement.standing(scenario, 1, MEASURED_AS[metric])
        if standing and (ratio := standing.comparison.ratio(first, second)):
            return figure(ratio)
    one, other = _row(summary, first)[metric], _row(summary, second)[metric]
    if not one or not other:
        raise KeyError(metric)
    return Figure(one / other)


def _steps(summary: Summary) -> str:
    ((scenario, rows),) = summary.rows.items()
    # The chain itself, and not one beside it. A second table, where it was made from both ends, is of the interaction.
    chain, explained = next(iter(summary.explained(scenario)))
    headings, lines = waterfall(chain, explained, rows)[0]
    cells = [[plain(step), plain(knob), *figures] for step, knob, *figures in lines]
    return f"\n\n{markdown_table(headings, cells)}\n\n"


def _table(summary: Summary, *names: str) -> str:
    shown = [Column(OF_METRIC[name]) for name in names]
    (rows,) = summary.rows.values()
    headings = ["variant", *(column.heading for column in shown)]
    cells = [[row.name, *(column.cell(row, full) for column in shown)] for row in rows if not row.is_ceiling]
    return f"\n\n{markdown_table(headings, cells)}\n\n"


def _verdict(summary: Summary, variant: str, label: str) -> str:
    return plain(
        next(
            verdict.seen
            for verdict in summary.judgement.verdicts
            if verdict.about.variant == variant and verdict.label == label
        )
    )


def _growers(summary: Summary, variant: str) -> str:
    kept = (f"- `{one.line}`: {one.mib:,.2f} MiB in {one.blocks:,} blocks" for one in summary.run.growers[variant])
    return "\n\n{}\n\n".format("\n".join(kept))


def _command(summary: Summary) -> str:
    return f"{code(summary.run.command)} at commit {code(summary.run.commit)}"


KINDS: dict[str, Callable[..., str]] = {
    "figure": _figure,
    "times": _times,
    "steps": _steps,
    "table": _table,
    "verdict": _verdict,
    "growers": _growers,
    "command": _command,
}


def _row(summary: Summary, name: str) -> Row:
    return next(row for rows in summary.rows.values() for row in rows if row.name == name)


if __name__ == "__main__":
    for document in map(Path, sys.argv[1:]):
        replace_file(document, cited(read_bounded(document, MOST_DOCUMENT_BYTES).decode()), mode_of=document)
