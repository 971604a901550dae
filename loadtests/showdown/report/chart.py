"""A run's results as charts."""

from collections.abc import Iterable
from io import StringIO

import altair as alt

from showdown.report.summary import Row

BAR_STEP, WIDTH = 26, 520
CEILING_COLOUR, VARIANT_COLOUR = "#b0b0b0", "#3b6ea8"


def chart(rows: Iterable[Row], scenario: str) -> str:
    """Requests per second of each variant, with the range of its rounds, as SVG."""
    values = [
        {
            "variant": row.name,
            "requests per second": row.requests_per_second,
            "slowest": row.slowest_round,
            "fastest": row.fastest_round,
            "ceiling": row.is_ceiling,
            "label": f"{row.requests_per_second:,.0f}",
        }
        for row in rows
    ]
    base = alt.Chart(alt.Data(values=values)).encode(y=alt.Y("variant:N", sort=None, title=None))
    colour = alt.condition("datum.ceiling", alt.value(CEILING_COLOUR), alt.value(VARIANT_COLOUR))
    bars = base.mark_bar().encode(x=alt.X("requests per second:Q", title=None), color=colour)
    ranges = base.mark_rule(strokeWidth=2).encode(x=alt.X("slowest:Q", title=None), x2="fastest:Q")
    labels = base.mark_text(align="left", dx=6).encode(x=alt.X("fastest:Q", title=None), text="label:N")
    return _svg(
        (bars + ranges + labels).properties(
            width=WIDTH,
            height=alt.Step(BAR_STEP),
            title=f"{scenario}: requests per second, and the range of the rounds",
        )
    )


def growth_chart(rows: Iterable[Row], scenario: str) -> str:
    """Each variant's requests per second for one dollar a month, by the number of service hosts, as SVG."""
    values = [
        {"variant": row.variant, "service hosts": row.service_hosts, "requests": row["requests_per_second_per_usd"]}
        for row in rows
        if not row.is_ceiling
    ]
    return _svg(
        alt.Chart(alt.Data(values=values))
        .mark_line(point=True)
        .encode(
            x=alt.X("service hosts:O", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("requests:Q", title="req/s per USD/month"),
            color=alt.Color("variant:N", sort=None, title=None),
        )
        .properties(width=WIDTH, title=f"{scenario}: requests per second for a dollar a month")
    )


def _svg(drawn: alt.Chart | alt.LayerChart) -> str:
    text = StringIO()
    drawn.save(text, format="svg")
    return text.getvalue()
