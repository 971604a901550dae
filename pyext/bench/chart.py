"""The chart of the results."""

from pathlib import Path
from typing import Any

import altair as alt

from bench import contenders, names
from bench.results import Results
from bench.rows import SIZES

WIDTH, HEIGHT = 520, 360
# The height of a label, as a factor on the logarithmic axis.
LABEL_GAP = 1.18
OURS, OTHERS = "#c1440e", "#7a8ca0"


def write_chart(results: Results, path: Path) -> None:
    """Draw each contender's CPU time per row against the number of rows, both logarithmic, as SVG."""
    points = [
        {
            "contender": name,
            "rows": size,
            "ns": results.median(names.records(size, name)) / size * 1e9,
            "ours": name.startswith(contenders.ROWJSON),
        }
        for name in contenders.CONTENDERS
        for size in SIZES
    ]
    x = alt.X("rows:Q", scale=alt.Scale(type="log"), axis=alt.Axis(values=list(SIZES), format=","), title="rows")
    y = alt.Y("ns:Q", scale=alt.Scale(type="log"), title="CPU time per row in ns")
    colour = alt.condition("datum.ours", alt.value(OURS), alt.value(OTHERS))
    lines = alt.Chart(alt.Data(values=points)).mark_line(point=True)
    labels = alt.Chart(alt.Data(values=_spread([point for point in points if point["rows"] == SIZES[-1]])))
    chart = (
        lines.encode(x=x, y=y, detail="contender:N", color=colour)
        + labels.mark_text(align="left", dx=8).encode(x=x, y=y, text="contender:N", color=colour)
    ).properties(width=WIDTH, height=HEIGHT, title="Records to JSON: CPU time per row, by rows in the response")
    chart.save(str(path))


def _spread(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same points, moved up if labels would cover each other."""
    spread: list[dict[str, Any]] = []
    for point in sorted(points, key=lambda point: point["ns"]):
        least = spread[-1]["ns"] * LABEL_GAP if spread else 0
        spread.append(point | {"ns": max(point["ns"], least)})
    return spread
