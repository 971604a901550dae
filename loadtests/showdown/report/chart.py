"""Charts of a run's results."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import StringIO

import altair as alt

from showdown.explain.explanation import Factor, ScenarioExplanation
from showdown.report.figures import whole
from showdown.report.summary import Row
from showdown.report.waterfall import factor_text

BAR_STEP, WIDTH = 26, 520
CEILING_COLOUR, VARIANT_COLOUR, DOUBTFUL_COLOUR = "#b0b0b0", "#3b6ea8", "#b5c7dd"
LOSS_COLOUR = "#b5533c"
# In pixels. A reader's font may be wider than the one by which names get their room.
PADDING = {"left": 24, "right": 24, "top": 5, "bottom": 5}


@dataclass(frozen=True)
class Palette:
    """The colours of bars."""

    variant: str
    doubtful: str
    ceiling: str
    """Of what is not compared, and of a step that changes nothing."""
    loss: str


PICTURE = Palette(VARIANT_COLOUR, DOUBTFUL_COLOUR, CEILING_COLOUR, LOSS_COLOUR)


def chart(rows: Iterable[Row], scenario: str, confidence: str) -> str:
    """Requests per second of each variant, with their intervals, as SVG."""
    return svg(
        throughput(rows, PICTURE, lambda row: whole(row["requests_per_second"] or 0.0)).properties(
            width=WIDTH,
            height=alt.Step(BAR_STEP),
            title=f"{scenario}: requests per second, with intervals of {confidence}",
        )
    )


def throughput(rows: Iterable[Row], palette: Palette, label: Callable[[Row], str]) -> alt.LayerChart:
    """A bar for each row, with its interval. `label`: what stands at its end."""
    values = [
        {
            "variant": row.name,
            "requests per second": figure.value,
            "low": figure.value if figure.low is None else figure.low,
            "high": figure.value if figure.high is None else figure.high,
            "colour": palette.ceiling if row.is_ceiling else palette.doubtful if row.is_doubtful else palette.variant,
            "label": label(row),
        }
        for row in rows
        if (figure := row.figure("requests_per_second"))
    ]
    base = alt.Chart(alt.Data(values=values)).encode(y=alt.Y("variant:N", sort=None, title=None))
    bars = base.mark_bar().encode(
        x=alt.X("requests per second:Q", title=None), color=alt.Color("colour:N", scale=None, legend=None)
    )
    intervals = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=None), x2="high:Q")
    labels = base.mark_text(align="left", dx=6).encode(x=alt.X("high:Q", title=None), text="label:N")
    return alt.LayerChart(layer=[bars, intervals, labels])


def growth_chart(rows: Iterable[Row], scenario: str) -> str:
    """Each variant's requests per second for one dollar a month, by the number of service hosts, as SVG."""
    values = [
        {"variant": row.variant, "service hosts": row.service_hosts, "requests": requests}
        for row in rows
        if (requests := row["requests_per_second_per_usd"]) is not None
    ]
    return svg(
        alt.Chart(alt.Data(values=values))
        .mark_line(point=True)
        .encode(
            x=alt.X("service hosts:O", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("requests:Q", title="req/s per USD/month"),
            color=alt.Color("variant:N", sort=None, title=None),
        )
        .properties(width=WIDTH, title=f"{scenario}: requests per second for a dollar a month")
    )


def steps_chart(explained: ScenarioExplanation) -> str:
    """Each step of a chain from the throughput before it to the one after it, as SVG: a waterfall.

    On a logarithmic scale, on which equal factors are equally long.
    """
    return svg(
        steps(explained, PICTURE, lambda name, factor: (name, factor_text(factor))).properties(
            width=WIDTH,
            height=alt.Step(BAR_STEP),
            title=f"{explained.scenario}: requests per second before and after each step",
        )
    )


def steps(
    explained: ScenarioExplanation, palette: Palette, texts: Callable[[str, Factor | None], tuple[str, str]]
) -> alt.LayerChart:
    """A bar for each step, from the throughput before it to the one after it.

    `texts`: of a step's name and factor, what stands beside its bar and what at its end.
    """
    levels = {name: level for name, of in explained.levels.items() if (level := of.get("requests_per_second"))}
    values = [
        {
            "step": beside,
            "before": levels[step.before].value,
            "after": levels[step.after].value,
            "right": max(levels[step.before].value, levels[step.after].value),
            "colour": _colour(factor, palette),
            "label": at_end,
        }
        for step, factor in ((each.step, each.factors["requests_per_second"]) for each in explained.steps)
        if step.before in levels and step.after in levels
        for beside, at_end in [texts(step.name, factor)]
    ]
    reached = [level.value for level in levels.values()]
    # From the slowest to the fastest, with room for the last label.
    ends = [min(reached) / 1.1, max(reached) * 2] if reached else [1, 10]
    scale = alt.Scale(type="log", domain=ends, nice=False)
    base = alt.Chart(alt.Data(values=values)).encode(y=alt.Y("step:N", sort=None, title=None))
    bars = base.mark_bar().encode(
        x=alt.X("before:Q", title=None, scale=scale),
        x2="after:Q",
        color=alt.Color("colour:N", scale=None, legend=None),
    )
    labels = base.mark_text(align="left", dx=6).encode(x=alt.X("right:Q", scale=scale), text="label:N")
    return alt.LayerChart(layer=[bars, labels])


def _colour(factor: Factor | None, palette: Palette) -> str:
    if factor is None or not factor.is_different:
        return palette.ceiling
    return palette.variant if factor.value > 1 else palette.loss


def svg(drawn: alt.Chart | alt.LayerChart | alt.VConcatChart) -> str:
    """A chart as a picture."""
    text = StringIO()
    drawn.properties(padding=PADDING).save(text, format="svg")
    return text.getvalue()
