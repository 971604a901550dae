"""The chart of what latency between service and Postgres changes."""

import altair as alt

from showdown.explain.explanation import OverLatency
from showdown.report.chart import WIDTH, svg

HEIGHT = 320


def latency_chart(over: OverLatency) -> str:
    """Each variant's requests per second over the latency of a round trip, as SVG: a point with its interval.

    On a logarithmic scale, on which equal factors are equally long. Lines are the model's.
    """
    values = [
        {
            "variant": each.variant,
            "latency": each.latency_ms,
            "measured": each.requests_per_second.value,
            "low": each.requests_per_second.low or each.requests_per_second.value,
            "high": each.requests_per_second.high or each.requests_per_second.value,
            "model": each.model_requests_per_second,
        }
        for each in over.modelled
    ]
    scale = alt.Scale(type="log", nice=False)
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("latency:Q", title="ms a round trip"), color=alt.Color("variant:N", sort=None, title=None)
    )
    points = base.mark_point(filled=True).encode(y=alt.Y("measured:Q", title="req/s", scale=scale))
    intervals = base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", title="req/s", scale=scale), y2="high:Q")
    model = base.mark_line(opacity=0.5).encode(y=alt.Y("model:Q", title="req/s", scale=scale))
    return svg(
        (model + intervals + points).properties(
            width=WIDTH, height=HEIGHT, title=f"{over.scenario}: requests per second (lines: the model)"
        )
    )
