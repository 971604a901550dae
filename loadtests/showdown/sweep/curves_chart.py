"""The curves of a workload, as SVG: a panel for each measure."""

from typing import Any

import altair as alt

from showdown.report.chart import svg
from showdown.sweep.curves import DRAWN, REQUESTS, Drawn, curve
from showdown.sweep.laws import laws
from showdown.sweep.usl import Law
from showdown.sweep.workloads import Workload

WIDTH, HEIGHT = 300, 200
# From here on values are drawn by their ratios.
MANY_TIMES = 10
STEPS = 60


def curves_chart(workload: Workload, confidence: str) -> str:
    """All variants, with their intervals; and dashed, the law that fits."""
    panels = [_panel(workload, drawn) for drawn in DRAWN]
    title = f"{workload.title} by {workload.parameter}, with intervals of {confidence}"
    rows = [alt.hconcat(*panels[:2]), alt.hconcat(*panels[2:])]
    return svg(alt.vconcat(*rows).properties(title=title))


def _panel(workload: Workload, drawn: Drawn) -> alt.LayerChart | alt.FacetChart:
    values = [
        {
            "variant": variant,
            "at": float(each.value) if workload.is_numeric else each.value,
            "value": each.figure.value,
            "low": each.figure.value if each.figure.low is None else each.figure.low,
            "high": each.figure.value if each.figure.high is None else each.figure.high,
        }
        for variant in workload.variants
        for each in curve(workload, variant, drawn)
    ]
    base = alt.Chart(alt.Data(values=values)).encode(
        x=_x(workload), color=alt.Color("variant:N", sort=None, title=None)
    )
    value = alt.Y("value:Q", title=drawn.heading, scale=alt.Scale(zero=True))
    layers = [
        base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", title=drawn.heading), y2="high:Q"),
        base.mark_point(filled=True, size=25).encode(y=value),
    ]
    if workload.is_numeric:
        layers.append(base.mark_line().encode(y=value))
    if drawn is REQUESTS and (fitted := _fitted(workload)):
        law = alt.Chart(alt.Data(values=fitted)).mark_line(strokeDash=[5, 4], opacity=0.7)
        layers.append(law.encode(x=_x(workload), y=value, color=alt.Color("variant:N", sort=None, title=None)))
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)


def _x(workload: Workload) -> alt.X:
    if not workload.is_numeric:
        return alt.X("at:N", sort=None, title=workload.parameter, axis=alt.Axis(labelAngle=0))
    numbers = _numbers(workload)
    is_wide = max(numbers) >= MANY_TIMES * min(numbers) > 0
    scale = alt.Scale(type="log" if is_wide else "linear", zero=False, nice=False)
    axis = alt.Axis(values=numbers, format="~s", labelOverlap=True)
    return alt.X("at:Q", title=workload.parameter, scale=scale, axis=axis)


def _fitted(workload: Workload) -> list[dict[str, Any]]:
    """Points of the laws that fit, between the first and the last that was measured, by equal ratios."""
    return [
        {"variant": variant, "at": number, "value": law.at(number)}
        for variant, law in laws(workload).items()
        if isinstance(law, Law)
        for number in _between(_numbers(workload))
    ]


def _between(numbers: list[float]) -> list[float]:
    first, last = min(numbers), max(numbers)
    return [first * (last / first) ** (step / STEPS) for step in range(STEPS + 1)]


def _numbers(workload: Workload) -> list[float]:
    return [float(place.value) for place in workload.places]
