"""The result as a picture."""

from pathlib import Path
from typing import Any

import altair as alt

from bench import contenders, names
from bench.results import Results
from bench.rows import SIZES

WIDTH, HEIGHT = 520, 360
# On the logarithmic axis a label is that high.
LABEL_GAP = 1.18
OURS, OTHERS = "#c1440e", "#7a8ca0"


def write_chart(results: Results, path: Path) -> None:
    """Draw the CPU time a row of each contender by the number of rows, both logarithmic, as SVG."""
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
    y = alt.Y("ns:Q", scale=alt.Scale(type="log"), title="ns of CPU a row")
    colour = alt.condition("datum.ours", alt.value(OURS), alt.value(OTHERS))
    lines = alt.Chart(alt.Data(values=points)).mark_line(point=True)
    labels = alt.Chart(alt.Data(values=_spread([point for point in points if point["rows"] == SIZES[-1]])))
    chart = (
        lines.encode(x=x, y=y, detail="contender:N", color=colour)
        + labels.mark_text(align="left", dx=8).encode(x=x, y=y, text="contender:N", color=colour)
    ).properties(width=WIDTH, height=HEIGHT, title="Records to JSON: CPU time a row, by rows in the response")
    chart.save(str(path))


def _spread(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same, moved up where labels would cover each other."""
    spread: list[dict[str, Any]] = []
    for point in sorted(points, key=lambda point: point["ns"]):
        least = spread[-1]["ns"] * LABEL_GAP if spread else 0
        spread.append(point | {"ns": max(point["ns"], least)})
    return spread
