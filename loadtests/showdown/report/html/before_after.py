"""The page of two runs: what differs between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from showdown.judge.differences import Difference
from showdown.measure.results import Run
from showdown.report.figures import UNKNOWN, Figure, full, three_digits, whole
from showdown.report.html.drawing import Drawn, Numbers, points
from showdown.report.html.frame import rendered
from showdown.report.html.table import Cell, Line, Table
from showdown.report.place import where
from showdown.report.setting import commands, confidence_percent, how
from showdown.report.side_by_side import LEVELS, NOTHING, RATIOS, by_row, established, figures

# Of `figures`, what is drawn.
DRAWN = {"Requests per second: after ÷ before": len(LEVELS), "Service CPU a request: after ÷ before": -1}
HEADINGS = [heading.replace("\n", " ") for heading in (*LEVELS, *RATIOS)]


@dataclass(frozen=True)
class Section:
    """All of one scenario."""

    scenario: str
    answer: str
    chart: Drawn
    table: Table


def before_after(
    first: Run,
    second: Run,
    found: Sequence[Difference],
    said: Sequence[str],
    flames: Sequence[tuple[str, str]] = (),
) -> str:
    """`said`: sentences about what else differs. `flames`: flame graphs of what differs, a text and a link for each."""
    return rendered(
        "before_after.html.jinja",
        charts=True,
        sections=[
            _section(first, scenario, by_row(first, of_scenario))
            for scenario, of_scenario in groupby(found, lambda difference: difference.scenario)
        ],
        said=said,
        flames=flames,
        runs=[(run, where(run), how(run), commands(run)) for run in (first, second)],
    )


def _section(run: Run, scenario: str, rows: Mapping[str, list[Difference]]) -> Section:
    words = {name: established(of_row) for name, of_row in rows.items()}
    shown = {name: figures(of_row) for name, of_row in rows.items()}
    lines = [
        Line(
            name=name,
            is_doubtful=False,
            is_ceiling=False,
            begins_group=True,
            cells=[*map(_cell, of_row), Cell(words[name], "", words[name])],
        )
        for name, of_row in shown.items()
    ]
    return Section(
        scenario,
        _answer(words),
        _chart(run, scenario, shown),
        Table([*HEADINGS, "established"], lines, ends_in_words=True),
    )


def _answer(words: Mapping[str, str]) -> str:
    differing = [f"{name} ({told})" for name, told in words.items() if told != NOTHING]
    return f"Established differences: {', '.join(differing)}." if differing else "No difference is established."


def _cell(of: Figure | None) -> Cell:
    if of is None:
        return Cell(UNKNOWN, "", None)
    if of.low is None or of.high is None:
        return Cell(whole(of.value), "", of.value)
    return Cell(three_digits(of.value), f"[{three_digits(of.low)}–{three_digits(of.high)}]", of.value)


def _chart(run: Run, scenario: str, shown: Mapping[str, list[Figure | None]]) -> Drawn:
    panels = []
    for title, number in DRAWN.items():
        ratios = {name: ratio for name, of_row in shown.items() if (ratio := of_row[number])}
        told = {name: full(ratio, three_digits) for name, ratio in ratios.items()}
        if ratios:
            panels.append((title, points(ratios, told, reference=1.0, logarithmic=True)))
    return Drawn(
        name=f"{scenario}-differences",
        title=f"The second run ÷ the first one, with intervals of {confidence_percent(run)}",
        said=f"A point with its interval for each of {len(shown)} rows: at 1 nothing differs.",
        panels=panels,
        numbers=Numbers(
            ["variant", *DRAWN],
            [
                [
                    name,
                    *(full(ratio, three_digits) if (ratio := of_row[number]) else UNKNOWN for number in DRAWN.values()),
                ]
                for name, of_row in shown.items()
            ],
        ),
    )
