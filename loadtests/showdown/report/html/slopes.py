"""What a service keeps of its requests: the slopes of its memory, file descriptors and connections."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from showdown.report.figures import UNKNOWN, difference
from showdown.report.html.drawing import INK, MUTED, PALETTE, Drawn, Numbers, bars
from showdown.report.metrics import METRICS, Group, Metric
from showdown.report.summary import Row


def drawn(rows: Sequence[Row], scenario: str) -> Drawn | None:
    """None where too few slices tell."""
    growing = [
        metric for metric in METRICS if metric.group is Group.GROWTH and any(row.figure(metric.name) for row in rows)
    ]
    if not growing:
        return None
    shown = [row for row in rows if any(row.figure(metric.name) for metric in growing)]
    return Drawn(
        name=f"{scenario}-growth",
        title="What a service keeps of its requests",
        said=f"A point with its interval for each of {len(shown)} rows, by {len(growing)} measures: at zero it "
        "keeps nothing.",
        panels=[(metric.heading, _points(shown, metric)) for metric in growing],
        numbers=Numbers(
            ["variant", *(metric.heading for metric in growing)], [[row.name, *_cells(row, growing)] for row in shown]
        ),
        note=" ".join(metric.note for metric in growing if metric.note),
    )


def _cells(row: Row, growing: Sequence[Metric]) -> list[str]:
    figures = [(metric, row.figure(metric.name)) for metric in growing]
    return [difference(figure, metric.shown) if figure else UNKNOWN for metric, figure in figures]


def _points(rows: Sequence[Row], metric: Metric) -> dict[str, Any]:
    values = [
        {
            "variant": row.name,
            "slope": figure.value,
            "low": figure.value if figure.low is None else figure.low,
            "high": figure.value if figure.high is None else figure.high,
            "told": difference(figure, metric.shown),
        }
        for row in rows
        if (figure := row.figure(metric.name))
    ]
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("variant:N", sort=None, title=None), tooltip=["variant:N", alt.Tooltip("told:N", title=metric.heading)]
    )
    zero = alt.Chart(alt.Data(values=[{}])).mark_rule(strokeDash=[3, 3], color=MUTED).encode(x=alt.datum(0.0))
    intervals = base.mark_rule(strokeWidth=2, color=INK).encode(x=alt.X("low:Q", title=None), x2="high:Q")
    points = base.mark_point(filled=True, size=70, opacity=1, color=PALETTE.variant).encode(
        x=alt.X("slope:Q", title=None)
    )
    return bars(zero + intervals + points, len(values))
