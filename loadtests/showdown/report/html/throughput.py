"""Requests per second of each row, with their intervals: the chart of the answer."""

from collections.abc import Sequence

import altair as alt

from showdown.report.chart import throughput
from showdown.report.figures import full, whole
from showdown.report.html.drawing import PALETTE, Drawn, Numbers, bars
from showdown.report.summary import Row


def drawn(rows: Sequence[Row], scenario: str, confidence: str) -> Drawn | None:
    """None where nothing is known."""
    shown = [(row, figure) for row in rows if (figure := row.figure("requests_per_second"))]
    if not shown:
        return None
    (most, highest), (least, lowest) = (end(shown, key=lambda each: each[1].value) for end in (max, min))
    return Drawn(
        name=f"{scenario}-throughput",
        title=f"Requests per second, with intervals of {confidence}",
        said=f"A bar with its interval for each of {len(shown)} rows: from {most.name} with {whole(highest.value)} "
        f"requests per second down to {least.name} with {whole(lowest.value)}.",
        panels=[("", bars(throughput(rows, PALETTE, _label).encode(tooltip=alt.value(None)), len(shown)))],
        numbers=Numbers(
            ["variant", "req/s", "verdict"], [[row.name, full(figure, whole), row.verdict] for row, figure in shown]
        ),
    )


def _label(row: Row) -> str:
    """With what a pale or grey bar means."""
    means = "ceiling" if row.is_ceiling else "not ranked" if row.is_doubtful else ""
    return f"{whole(row['requests_per_second'] or 0.0)}{means and f', {means}'}"
