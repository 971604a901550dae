"""Throughput and memory over time, and in a long block what else services hold."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby
from statistics import fmean, median
from typing import Any

import altair as alt

from showdown.judge.verdicts.verdict import Consequence
from showdown.measure.results import Run, Slice
from showdown.report.figures import whole
from showdown.report.html.drawing import Drawn, Numbers, lines
from showdown.report.over_time import HELD, P99, held, p99_by_minute
from showdown.report.setting import is_long
from showdown.report.summary import Row

# Of one row in one panel: a run of a day has thousands of slices.
MOST_POINTS = 120
THROUGHPUT, MEMORY = "requests per second", "memory, MiB"
READINGS: dict[str, Callable[[Slice], float | None]] = {THROUGHPUT: lambda one: one.requests_per_second, **HELD}
Points = list[dict[str, Any]]


def drawn(run: Run, rows: Sequence[Row], scenario: str) -> Drawn | None:
    """None where nothing was measured."""
    slices = {row.name: _slices(row) for row in rows if row.consequence is not Consequence.REFUSED}
    slices = {name: of_row for name, of_row in slices.items() if of_row}
    if not slices:
        return None
    start = min(one.started_at for one in run.slices)
    names = [*READINGS, P99] if is_long(run) else [THROUGHPUT, MEMORY]
    panels = {
        name: {row: thinned(list(_points(name, of_row, start))) for row, of_row in slices.items()} for name in names
    }
    panels = {name: by_row for name, by_row in panels.items() if any(by_row.values())}
    return Drawn(
        name=f"{scenario}-time",
        title="Over time",
        said=f"A line for each of {len(slices)} rows over the minutes of the run, in {len(panels)} panels: "
        f"{', '.join(panels)}.",
        panels=[(name, _panel(by_row)) for name, by_row in panels.items()],
        numbers=Numbers(
            ["variant, and what", "first", "lowest", "median", "highest", "last"],
            [
                [f"{row}, {name}", *map(whole, _told([point["value"] for point in points]))]
                for name, by_row in panels.items()
                for row, points in by_row.items()
                if points
            ],
        ),
        note="Each block starts all services anew, and a line anew.",
    )


def thinned(points: Points) -> Points:
    """At most MOST_POINTS: of points that stand together, their median in their middle."""
    if len(points) <= MOST_POINTS:
        return points
    size = -(-len(points) // MOST_POINTS)
    bins = [points[first : first + size] for first in range(0, len(points), size)]
    return [
        {
            **of_bin[0],
            "minutes": fmean(point["minutes"] for point in of_bin),
            "value": median(point["value"] for point in of_bin),
        }
        for of_bin in bins
    ]


def _slices(row: Row) -> list[Slice]:
    found = [one for one in row.measured.slices if isinstance(one, Slice)]
    return sorted(found, key=lambda one: one.started_at)


def _points(name: str, slices: Sequence[Slice], start: float) -> Iterator[dict[str, Any]]:
    for block, of_block in groupby(slices, lambda one: one.block):
        points = p99_by_minute if name == P99 else partial(held, read=READINGS[name])
        for point in points(of_block, start):
            yield {**point, "block": block}


def _told(values: Sequence[float]) -> tuple[float, ...]:
    return values[0], min(values), median(values), max(values), values[-1]


def _panel(by_row: dict[str, Points]) -> dict[str, Any]:
    values = [
        {**point, "row": name, "point": True, "told": f"{whole(point['value'])} after {point['minutes']:.1f} minutes"}
        for name, points in by_row.items()
        for point in points
    ]
    x = alt.X("minutes:Q", title="minutes")
    return lines(values, list(by_row), x, alt.Y("value:Q", title=None), detail="block:N")
