"""Figures of kept runs in a document, each between two marks that say which it is.

    <!-- cite figure RUN VARIANT METRIC -->3.02<!-- end -->
    <!-- cite figure RUN VARIANT/OTHER METRIC -->9.42 [8.9–9.9]<!-- end -->    the one ÷ the other
    <!-- cite times RUN VARIANT/OTHER METRIC -->9.42 [8.9–9.9] ×<!-- end -->   the same, with "no difference found"
    <!-- cite steps RUN -->…<!-- end -->                                       of a chain
    <!-- cite table RUN METRIC… -->…<!-- end -->                              all variants
    <!-- cite verdict RUN VARIANT LABEL -->…<!-- end -->                      what was seen
    <!-- cite growers RUN VARIANT -->…<!-- end -->                            lines of code that kept memory
    <!-- cite places RUN -->…<!-- end -->                                      of a chain, over latency
    <!-- cite crossing RUN VARIANT -->0.351 […–0.640] ms<!-- end -->           where it changes places
    <!-- cite model RUN -->within 15% of 54 of 55 …<!-- end -->               how right the model over latency is
    <!-- cite command RUN -->…<!-- end -->

RUN is a folder of docs/results, or, of a run of several scenarios, FOLDER:SCENARIO. METRIC is a name of metrics.py. A
mark in a sentence must not begin a line: Markdown would take the line for HTML, and end the paragraph. `table`,
`steps`, `places` and `growers` stand in paragraphs of their own.

    python -m showdown.report.cited DOCUMENT…    writes them anew
"""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_contract.markdown import table as markdown_table

from showdown.explain.explanation import OverLatency
from showdown.files import read_bounded, replace_file
from showdown.judge.comparisons import MEASURES
from showdown.measure.kept import KEPT
from showdown.measure.results import read_run
from showdown.report.columns import Column
from showdown.report.figures import Figure, figure, full, three_digits
from showdown.report.latency_tables import crossing_shown, nearness, places_of
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
        folder, _, scenario = run.partition(":")
        try:
            return f"{begin}{KINDS[kind](_Cited(summaries(folder), scenario), *asked)}{end}"
        except (KeyError, StopIteration, TypeError, ValueError):
            raise ShowdownError(f"{begin} means nothing in the run {run}") from None

    return MARKED.sub(filled, text)


@dataclass(frozen=True)
class _Cited:
    """A run, and the scenario that a mark is about."""

    summary: Summary
    named: str
    """Empty: the only one there is."""

    @property
    def scenario(self) -> str:
        """Raises ValueError where it has to be named."""
        if self.named:
            return self.named
        (scenario,) = self.summary.rows
        return scenario

    @property
    def rows(self) -> list[Row]:
        return self.summary.rows[self.scenario]

    def row(self, name: str) -> Row:
        return next(row for row in self.rows if row.name == name)

    @property
    def over_latency(self) -> OverLatency:
        """Of all latencies together: no scenario need be named."""
        found = self.summary.explanation.over_latency if self.summary.explanation else []
        (over,) = (each for each in found if self.named in {"", each.scenario})
        return over


def _figure(of: _Cited, variants: str, metric: str) -> str:
    first, _, second = variants.partition("/")
    if not second:
        return Column(OF_METRIC[metric]).cell(of.row(first), full)
    return full(_ratio(of, first, second, metric), three_digits)


def _times(of: _Cited, variants: str, metric: str) -> str:
    first, _, second = variants.partition("/")
    ratio = _ratio(of, first, second, metric)
    is_found = ratio.low is None or ratio.high is None or not ratio.low <= 1 <= ratio.high
    return f"{full(ratio, three_digits)} ×{'' if is_found else f' ({NOT_FOUND})'}"


def _ratio(of: _Cited, first: str, second: str, metric: str) -> Figure:
    if metric in MEASURED_AS:
        standing = of.summary.judgement.standing(of.scenario, 1, MEASURED_AS[metric])
        if standing and (ratio := standing.comparison.ratio(first, second)):
            return figure(ratio)
    one, other = of.row(first)[metric], of.row(second)[metric]
    if not one or not other:
        raise KeyError(metric)
    return Figure(one / other)


def _steps(of: _Cited) -> str:
    # The chain itself, and not one beside it. A second table, where it was made from both ends, is of the interaction.
    chain, explained = next(iter(of.summary.explained(of.scenario)))
    headings, lines = waterfall(chain, explained, of.rows)[0]
    return _as_table(headings, [[plain(step), plain(knob), *figures] for step, knob, *figures in lines])


def _table(of: _Cited, *names: str) -> str:
    shown = [Column(OF_METRIC[name]) for name in names]
    headings = ["variant", *(column.heading for column in shown)]
    return _as_table(
        headings, [[row.name, *(column.cell(row, full) for column in shown)] for row in of.rows if not row.is_ceiling]
    )


def _verdict(of: _Cited, variant: str, label: str) -> str:
    return plain(
        next(
            verdict.seen
            for verdict in of.summary.judgement.verdicts
            if verdict.about.variant == variant
            and verdict.about.scenario in {None, of.scenario}
            and verdict.label == label
        )
    )


def _growers(of: _Cited, variant: str) -> str:
    kept = (f"- `{one.line}`: {one.mib:,.2f} MiB in {one.blocks:,} blocks" for one in of.summary.run.growers[variant])
    return "\n\n{}\n\n".format("\n".join(kept))


def _places(of: _Cited) -> str:
    (table,) = places_of(of.over_latency)
    return _as_table(*table)


def _crossing(of: _Cited, variant: str) -> str:
    (at,) = (place.crossing for place in of.over_latency.places if place.variant == variant and place.crossing)
    return crossing_shown(at)


def _model(of: _Cited) -> str:
    return nearness(of.over_latency.modelled)


def _command(of: _Cited) -> str:
    return f"{code(of.summary.run.command)} at commit {code(of.summary.run.commit)}"


def _as_table(headings: list[str], lines: list[list[str]]) -> str:
    return f"\n\n{markdown_table(headings, lines)}\n\n"


KINDS: dict[str, Callable[..., str]] = {
    "figure": _figure,
    "times": _times,
    "steps": _steps,
    "table": _table,
    "verdict": _verdict,
    "growers": _growers,
    "places": _places,
    "crossing": _crossing,
    "model": _model,
    "command": _command,
}


if __name__ == "__main__":
    for document in map(Path, sys.argv[1:]):
        replace_file(document, cited(read_bounded(document, MOST_DOCUMENT_BYTES).decode()), mode_of=document)
