"""Latency at each percentile, on a scale on which 90, 99 and 99.9% are equally far apart: the tail has room."""

from collections.abc import Iterator, Sequence
from typing import Any

import altair as alt
import numpy as np
from hdrh.histogram import HdrHistogram

from showdown.generators.latencies import percentiles_ms
from showdown.judge.verdicts.verdict import Consequence
from showdown.report.figures import UNKNOWN, milliseconds
from showdown.report.html.drawing import Drawn, Numbers, lines
from showdown.report.summary import Row

# So many answers at least are slower than the last percentile that is drawn: with fewer it is chance.
FEWEST_BEYOND = 10
# For each factor of ten.
POINTS = 12
SHOWN = [0.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 99.999]
TICKS = [1, 2, 10, 100, 1_000, 10_000, 100_000]


def drawn(rows: Sequence[Row], scenario: str) -> Drawn | None:
    """None where nothing was counted."""
    histograms = {
        row.name: row.measured.latencies
        for row in rows
        if row.consequence is not Consequence.REFUSED and row.measured.latencies.total_count >= 2 * FEWEST_BEYOND
    }
    if not histograms:
        return None
    values = [value for name, histogram in histograms.items() for value in _curve(name, histogram)]
    known = {name: _at(histogram, SHOWN) for name, histogram in histograms.items()}
    shown = [percentile for percentile in SHOWN[1:] if any(percentile in of_row for of_row in known.values())]
    x = alt.X(
        "slower:Q",
        title="percentile",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(values=TICKS, labelExpr="format(1 - 1 / datum.value, '.5~%')"),
    )
    y = alt.Y("ms:Q", title="ms", scale=alt.Scale(type="log"), axis=alt.Axis(format="~g", tickCount=5))
    return Drawn(
        name=f"{scenario}-latency",
        title="Latency by percentile",
        said=f"A curve for each of {len(histograms)} rows, from the fastest answers to the slowest: both scales are "
        "logarithmic, and lower is faster.",
        panels=[("", lines(values, list(histograms), x, y, detail=None))],
        numbers=Numbers(
            ["variant", *(f"p{percentile:g} ms" for percentile in shown)],
            [
                [name, *(milliseconds(of_row[each]) if each in of_row else UNKNOWN for each in shown)]
                for name, of_row in known.items()
            ],
        ),
        note="From the histograms of all slices together. A curve ends where fewer than "
        f"{FEWEST_BEYOND} answers were slower.",
    )


def _curve(name: str, histogram: HdrHistogram) -> Iterator[dict[str, Any]]:
    decades = np.log10(histogram.total_count / FEWEST_BEYOND)
    between = 100 * (1 - 10 ** -np.arange(0, decades, 1 / POINTS))
    for percentile, value in _at(histogram, sorted({*between.tolist(), *SHOWN})).items():
        yield {
            "row": name,
            "slower": 100 / (100 - percentile),
            "ms": value,
            "point": percentile in SHOWN,
            "told": f"p{percentile:.5g}: {milliseconds(value)} ms",
        }


def _at(histogram: HdrHistogram, percentiles: Sequence[float]) -> dict[float, float]:
    """In ms, without percentiles of which the histogram knows too little, and without 0: no logarithm has it."""
    known = [each for each in percentiles if histogram.total_count * (100 - each) / 100 >= FEWEST_BEYOND]
    return {each: value for each, value in percentiles_ms(histogram, known).items() if value > 0}
