"""What a chart of the page is: Vega-Lite for the browser, a sentence for those who do not see it, and its numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from showdown.report.chart import Palette
from showdown.report.figures import Figure

# Variables of page.css, so that charts follow the page into the dark and onto paper.
INK, MUTED, LINE = "var(--ink)", "var(--muted)", "var(--line)"
PALETTE = Palette(variant="var(--bar)", doubtful="var(--bar-pale)", ceiling="var(--bar-none)", loss="var(--bar-loss)")
# Names stand above their bars: beside them a telephone has no room.
BAR_STEP = 40
LABELS = {"labelAlign": "left", "labelPadding": 0, "labelOffset": -16, "labelLimit": 0}
BARS: dict[str, Any] = {
    "axisY": {**LABELS, "domain": False, "ticks": False, "grid": False},
    "scale": {"bandPaddingInner": 0.6, "bandPaddingOuter": 0.6},
}
LINES_HEIGHT, POINT_SIZE = 260, 45
COLOURS = [f"var(--series-{number})" for number in range(1, 9)]
STAR = "M0,-1L0.3,-0.35L1,-0.3L0.45,0.15L0.6,0.85L0,0.45L-0.6,0.85L-0.45,0.15L-1,-0.3L-0.3,-0.35Z"
# Filled for the first, hollow for as many more: so many lines are told apart without colour.
SHAPES = [
    "circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left", STAR,
]  # fmt: skip


@dataclass(frozen=True)
class Numbers:
    """A table of what is drawn."""

    headings: Sequence[str]
    lines: Sequence[Sequence[str]]
    """Cells, the name of the line first."""


@dataclass(frozen=True)
class Drawn:
    """One or more panels that belong together."""

    name: str
    """Without blanks, for links to it."""
    title: str
    said: str
    """What there is to see, in a sentence."""
    panels: Sequence[tuple[str, dict[str, Any]]]
    """A title, which may be empty, and Vega-Lite."""
    numbers: Numbers
    note: str = ""
    """How to read it."""
    links: Sequence[tuple[str, str]] = ()
    """To files in the run's folder, each with its text."""


def bars(drawn: alt.Chart | alt.LayerChart, count: int, legend: Sequence[str] = ()) -> dict[str, Any]:
    """Vega-Lite of so many bars with their names above them, as wide as there is room."""
    return _document(drawn.properties(width="container", height=BAR_STEP * count), BARS, legend)


def points(
    figures: Mapping[str, Figure], told: Mapping[str, str], reference: float, *, logarithmic: bool = False
) -> dict[str, Any]:
    """Vega-Lite of a point with its interval for each name. `told`: what a figure is in words."""
    values = [
        {
            "row": name,
            "value": figure.value,
            "low": figure.value if figure.low is None else figure.low,
            "high": figure.value if figure.high is None else figure.high,
            "told": told[name],
        }
        for name, figure in figures.items()
    ]
    scale = alt.Scale(type="log", nice=False, padding=10) if logarithmic else alt.Undefined
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("row:N", sort=None, title=None),
        tooltip=[alt.Tooltip("row:N", title="variant"), alt.Tooltip("told:N", title="value")],
    )
    rule = alt.Chart(alt.Data(values=[{}])).mark_rule(strokeDash=[3, 3], color=MUTED).encode(x=alt.datum(reference))
    intervals = base.mark_rule(strokeWidth=2, color=INK).encode(x=alt.X("low:Q", title=None, scale=scale), x2="high:Q")
    marks = base.mark_point(filled=True, size=70, opacity=1, color=PALETTE.variant).encode(
        x=alt.X("value:Q", title=None, scale=scale)
    )
    return bars(rule + intervals + marks, len(values))


def lines(values: list[dict[str, Any]], names: Sequence[str], x: alt.X, y: alt.Y, detail: str | None) -> dict[str, Any]:
    """Vega-Lite of a line with points for each name, which differ by more than their colour.

    `values` have `row`, one of the names, besides what `x` and `y` name. `detail`: where a line begins anew.
    """
    domain, numbers = list(names), range(len(names))
    colours = [COLOURS[number % len(COLOURS)] for number in numbers]
    fills = ["var(--paper)" if number // len(SHAPES) % 2 else colours[number] for number in numbers]
    shapes = [SHAPES[number % len(SHAPES)] for number in numbers]
    base = alt.Chart(alt.Data(values=values)).encode(
        x=x,
        y=y,
        stroke=alt.Stroke("row:N", sort=None, title=None, scale=alt.Scale(domain=domain, range=colours)),
        detail=alt.Detail(detail) if detail else alt.Undefined,
    )
    points = (
        base.transform_filter("datum.point")
        .mark_point(size=POINT_SIZE, strokeWidth=1.5, opacity=1)
        .encode(
            fill=alt.Fill("row:N", sort=None, title=None, scale=alt.Scale(domain=domain, range=fills)),
            shape=alt.Shape("row:N", sort=None, title=None, scale=alt.Scale(domain=domain, range=shapes)),
            tooltip=[alt.Tooltip("row:N", title="variant"), alt.Tooltip("told:N", title="value")],
        )
    )
    drawn = (base.mark_line(strokeWidth=1.5) + points).properties(width="container", height=LINES_HEIGHT)
    return _document(drawn, {}, domain)


def _document(drawn: alt.LayerChart | alt.Chart, config: dict[str, Any], legend: Sequence[str]) -> dict[str, Any]:
    document: dict[str, Any] = drawn.to_dict()
    # For page.js, which puts the legend in as many columns as there is room for.
    document["usermeta"] = {"longest": max(map(len, legend), default=0)}
    document["autosize"] = {"type": "fit-x", "contains": "padding"}
    document["config"] = {
        "background": "transparent",
        "view": {"stroke": None},
        "axis": {
            "labelColor": INK, "titleColor": INK, "gridColor": LINE, "domainColor": MUTED, "tickColor": MUTED,
            "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
        },
        "legend": {
            "labelColor": INK, "labelFontSize": 12, "labelLimit": 0, "orient": "bottom", "symbolSize": 90,
            "symbolStrokeWidth": 2,
        },
        "text": {"color": INK, "fontSize": 12},
        "rule": {"color": INK},
        **config,
    }  # fmt: skip
    return document
