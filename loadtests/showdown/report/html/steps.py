"""The steps of a chain as a waterfall, with what each changes."""

import altair as alt

from showdown.contenders.chains import Chain
from showdown.explain.explanation import Factor, ScenarioExplanation
from showdown.report.chart import steps
from showdown.report.figures import UNKNOWN, Figure, full, three_digits
from showdown.report.html.drawing import PALETTE, Drawn, Numbers, bars
from showdown.report.summary import Row
from showdown.report.waterfall import steps_by_layer, waterfall


def drawn(chain: Chain, explained: ScenarioExplanation, rows: list[Row]) -> list[Drawn]:
    """The waterfall; and, as tables alone, what depends on the order of steps, and what they change by layer."""
    (headings, lines), *others = waterfall(chain, explained, rows)
    panels = [
        (
            "",
            bars(
                steps(explained, PALETTE, lambda name, factor: (f"{name}: {_factor(factor)}", "")).encode(
                    tooltip=alt.value(None)
                ),
                len(explained.steps),
            ),
        )
    ]
    first = Drawn(
        name=f"{explained.scenario}-{chain.name}-steps",
        title=f"What each step of {chain.name} changes: requests per second before and after it",
        said=f"A bar for each of {len(explained.steps)} steps, from the throughput before it to the one after it, on a "
        "logarithmic scale, with its factor behind its name.",
        panels=panels,
        numbers=Numbers(headings, lines),
        note="≈: no difference was found. Where a step makes it slower, its factor is below 1.",
    )
    return [
        first,
        *(
            Drawn(
                name=f"{explained.scenario}-{chain.name}-order-{number}",
                title="What depends on the order of the steps",
                said="",
                panels=[],
                numbers=Numbers(headings, lines),
            )
            for number, (headings, lines) in enumerate(others, start=1)
        ),
        *(
            Drawn(
                name=f"{explained.scenario}-{chain.name}-layers",
                title="What each step changes in the service's CPU time of a request, by layer",
                said="",
                panels=[],
                numbers=Numbers(headings, lines),
            )
            for headings, lines in steps_by_layer(explained)
        ),
    ]


def _factor(factor: Factor | None) -> str:
    """Short, for a telephone."""
    if factor is None:
        return UNKNOWN
    return f"{'' if factor.is_different else '≈ '}{full(Figure(factor.value, factor.low, factor.high), three_digits)}"
