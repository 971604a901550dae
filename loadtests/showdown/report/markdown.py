"""A run's result as Markdown: report.md, and the tables for other documents."""

import re
import textwrap
from collections.abc import Iterable

from showdown_contract.markdown import table

from showdown.explain.explanation import OverLatency
from showdown.measure.results import Run
from showdown.report import by_layer
from showdown.report.columns import ANSWER_WITH_ALL, OTHERS, columns
from showdown.report.doubts import MOST_SEEN, doubts_of, doubts_of_run
from showdown.report.figures import full
from showdown.report.findings import told
from showdown.report.latency_tables import over_latency_sentences, tables_of
from showdown.report.notes import notes
from showdown.report.place import where
from showdown.report.planted_work import READING, planted_table
from showdown.report.reading import reading
from showdown.report.setting import how, is_long, own_versions, versions
from showdown.report.summary import Row, Summary
from showdown.report.waterfall import steps_by_layer, waterfall

SPECIAL, BACKTICKS = re.compile(r"[\\`<>\[\]|]"), re.compile("`+")
READING_WIDTH = 116


def report(summary: Summary) -> str:
    """report.md: how the run was measured, the tables, the notes, and how to read them."""
    run = summary.run
    place = f"{plain(where(run))}, with {plain(versions(run))}"
    measured = f"Measured {run.started_at} at commit {code(run.commit)} on {place}."
    fence = _fence(run.command, 3)
    command = f"{fence}console\n$ {run.command}\n{fence}"
    parts = ["# Showdown", f"{how(run)} {measured}", command, tables(summary, charts="", everything=True)]
    if run.variant_versions:
        parts.append(f"Versions of their own:\n\n{_bullets(own_versions(run))}")
    parts.append("\n".join(["## How to read it\n", *map(_bullet, reading(summary))]))
    return "\n\n".join(parts) + "\n"


def steps_file(scenario: str, number: int) -> str:
    """The name of the chart of the run's chain (0), or of the one beside it."""
    return f"{scenario}-steps{'-beside' if number else ''}.svg"


def tables(summary: Summary, charts: str, *, everything: bool = False) -> str:
    """A table and a chart for each scenario, and what a reader has to know.

    `charts`: their folder, as a link. `everything`: all columns there are, and what was seen of every row.
    """
    run, judgement, most_seen = summary.run, summary.judgement, None if everything else MOST_SEEN
    parts: list[str] = []
    for scenario, rows in summary.rows.items():
        for number, (chain, explained) in enumerate(summary.explained(scenario)):
            parts.append(f"**{scenario}**, {plain(chain.description)}")
            parts += [_escaped(*shown) for shown in waterfall(chain, explained, rows)]
            parts += [
                table(headings, [[*map(plain, line)] for line in lines])
                for headings, lines in steps_by_layer(explained)
            ]
            parts.append(f"![{scenario}: the steps of {chain.name}]({charts}{steps_file(scenario, number)})")
        if planted := summary.planted(scenario):
            parts += [f"**{scenario}**, planted work", table(*planted_table(planted)), _bullets([READING])]
        parts += [f"**{scenario}**, × baseline: × {run.compared_with}", _answer(rows)]
        parts.append(f"![{scenario}: requests per second]({charts}{scenario}.svg)")
        if len(run.service_hosts) > 1:
            parts.append(f"![{scenario}: requests per second and dollar]({charts}{scenario}-per-usd.svg)")
        if is_long(run):
            parts.append(f"![{scenario}: over time]({charts}{scenario}-over-time.svg)")
        doubts = [doubt.sentence(most_seen) for doubt in doubts_of(judgement, scenario)]
        if said := [*told(summary, scenario), *doubts]:
            parts.append(_bullets(said))
        if everything:
            parts.append(table(["variant", *(column.heading for column in columns(rows, OTHERS))], _others(rows)))
            parts += _by_layer(run, scenario, charts)
    for over in summary.explanation.over_latency if summary.explanation else []:
        parts += _over_latency(over, charts)
    if of_all := [*(doubt.sentence(most_seen) for doubt in doubts_of_run(judgement)), *notes(run)]:
        parts.append(_bullets(of_all))
    return "\n\n".join(parts)


def _by_layer(run: Run, scenario: str, charts: str) -> list[str]:
    sampled = by_layer.of_scenario(run, scenario)
    if not sampled:
        return []
    layers = by_layer.layers_of(sampled)
    lines = [[f"[{each.variant}]({charts}{each.graph})", *by_layer.cells(each, layers)] for each in sampled]
    return [
        f"**{scenario}**, CPU time of the service by layer; a variant's name leads to its flame graph",
        table([plain(heading) for heading in by_layer.headings(layers)], lines),
        _bullets(by_layer.sentences(sampled)),
    ]


def _over_latency(over: OverLatency, charts: str) -> list[str]:
    title = f"**{over.scenario}** over the latency of a round trip between service and Postgres"
    shown = [table(headings, [[plain(cell) for cell in line] for line in lines]) for headings, lines in tables_of(over)]
    drawn = f"![{over.scenario}: over latency]({charts}{over.scenario}-over-latency.svg)"
    return [title, *shown, drawn, _bullets([*over_latency_sentences(over)])]


def _escaped(headings: list[str], lines: list[list[str]]) -> str:
    """Of a chain: its names are texts from outside, and its figures are not."""
    return table(headings, [[plain(name), plain(knob), *figures] for name, knob, *figures in lines])


def made_by(run: Run) -> str:
    """The command, the commit and the machine."""
    return f"{code(run.command)} at commit {code(run.commit)}, on {plain(where(run))}"


def _answer(rows: list[Row]) -> str:
    shown = columns(rows, ANSWER_WITH_ALL)
    headings = ["variant", "rank", *(column.heading for column in shown), "verdict"]
    return table(
        headings,
        [[name_shown(row), row.rank_text, *(column.cell(row, full) for column in shown), row.verdict] for row in rows],
    )


def _others(rows: list[Row]) -> list[list[str]]:
    return [[name_shown(row), *(column.cell(row, full) for column in columns(rows, OTHERS))] for row in rows]


def name_shown(row: Row) -> str:
    """In italics if the row is doubtful: Markdown has no other way to set it back."""
    return f"*{row.name}*" if row.is_doubtful else row.name


def _bullets(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {plain(sentence)}" for sentence in sentences)


def plain(text: str) -> str:
    """Escape text from outside, so that it makes no link, image, code or HTML."""
    return SPECIAL.sub(r"\\\g<0>", text.replace("\n", " "))


def code(text: str) -> str:
    """Mark text as code, even if it holds backticks."""
    fence = _fence(text, 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text.replace('-->', '-- >')}{pad}{fence}"


def _fence(text: str, least: int) -> str:
    """A fence: more backticks than stand together anywhere in the text."""
    return "`" * max(least, max(map(len, BACKTICKS.findall(text)), default=0) + 1)


def _bullet(text: str) -> str:
    return textwrap.fill(text, READING_WIDTH, initial_indent="- ", subsequent_indent="  ")
