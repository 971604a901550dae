"""What a service keeps of its requests: the slopes of its memory, file descriptors and connections."""

from collections.abc import Sequence
from typing import Any

from showdown.report.figures import UNKNOWN, difference
from showdown.report.html.drawing import Drawn, Numbers, points
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
    figures = {row.name: figure for row in rows if (figure := row.figure(metric.name))}
    return points(figures, {name: difference(figure, metric.shown) for name, figure in figures.items()}, reference=0.0)
