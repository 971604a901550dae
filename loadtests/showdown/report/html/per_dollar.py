"""Requests for a dollar, by the prices of the costs in the tables."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from showdown.report.figures import UNKNOWN
from showdown.report.html.drawing import PALETTE, Drawn, Numbers, bars
from showdown.report.metrics import METRICS, Metric
from showdown.report.price_note import price_note
from showdown.report.summary import Row, Summary

# Each is a panel.
TITLES = {
    "million_requests_per_usd": "Millions of requests for a dollar, with all hosts busy",
    "requests_per_second_per_usd": "Requests per second for a dollar a month, with one host for each tier",
}
ON_HOSTS = "Requests per second for a dollar a month, on these hosts"


def drawn(summary: Summary, scenario: str) -> Drawn | None:
    """None where nothing has a price."""
    rows = [row for row in summary.rows[scenario] if any(row[name] for name in TITLES)]
    of_name = {metric.name: metric for metric in METRICS}
    metrics = [of_name[name] for name in TITLES if any(row[name] for row in rows)]
    if not metrics:
        return None
    first = metrics[0]
    most, least = (end(_known(rows, first), key=lambda row: row[first.name] or 0.0) for end in (max, min))
    return Drawn(
        name=f"{scenario}-per-dollar",
        title="Requests for a dollar",
        said=f"A bar for each of {len(rows)} rows: from {most.name} with {_cell(most, first)} down to {least.name} "
        f"with {_cell(least, first)} ({first.heading}).",
        panels=[(_title(summary, metric), _bars(_known(rows, metric), metric)) for metric in metrics],
        numbers=Numbers(
            ["variant", *(metric.heading for metric in metrics)],
            [[row.name, *(_cell(row, metric) for metric in metrics)] for row in rows],
        ),
        note=price_note(summary) or "",
    )


def _title(summary: Summary, metric: Metric) -> str:
    return ON_HOSTS if summary.run.hosts else TITLES[metric.name]


def _known(rows: Sequence[Row], metric: Metric) -> list[Row]:
    return [row for row in rows if row[metric.name]]


def _cell(row: Row, metric: Metric) -> str:
    value = row[metric.name]
    return metric.shown(value) if value else UNKNOWN


def _bars(rows: Sequence[Row], metric: Metric) -> dict[str, Any]:
    values = [
        {
            "variant": row.name,
            "value": row[metric.name],
            "colour": PALETTE.doubtful if row.is_doubtful else PALETTE.variant,
            "label": f"{_cell(row, metric)}{', not ranked' if row.is_doubtful else ''}",
        }
        for row in rows
    ]
    x = alt.X("value:Q", title=None)
    base = alt.Chart(alt.Data(values=values)).encode(y=alt.Y("variant:N", sort=None, title=None), x=x)
    filled = base.mark_bar().encode(color=alt.Color("colour:N", scale=None, legend=None), tooltip=alt.value(None))
    return bars(filled + base.mark_text(align="left", dx=6).encode(text="label:N"), len(values))
