"""The steps of a chain as a waterfall, with what each changes."""

import altair as alt

from showdown.contenders.chains import Chain
from showdown.explain.explanation import ScenarioExplanation
from showdown.report.chart import steps
from showdown.report.html.drawing import PALETTE, Drawn, Numbers, bars
from showdown.report.summary import Row
from showdown.report.waterfall import waterfall


def drawn(chain: Chain, explained: ScenarioExplanation, rows: list[Row]) -> list[Drawn]:
    """The waterfall; and, as tables alone, what depends on the order of steps."""
    (headings, lines), *others = waterfall(chain, explained, rows)
    panels = [("", bars(steps(explained, PALETTE).encode(tooltip=alt.value(None)), len(explained.steps)))]
    first = Drawn(
        name=f"{explained.scenario}-steps",
        title=f"What each step of {chain.name} changes: requests per second before and after it",
        said=f"A bar for each of {len(explained.steps)} steps, from the throughput before it to the one after it, on a "
        "logarithmic scale, with its factor written at its end.",
        panels=panels,
        numbers=Numbers(headings, lines),
        note="A factor in which no difference was found is grey, and says so; where a step makes it slower, its factor "
        "is below 1.",
    )
    return [
        first,
        *(
            Drawn(
                name=f"{explained.scenario}-order-{number}",
                title="What depends on the order of the steps",
                said="",
                panels=[],
                numbers=Numbers(headings, lines),
            )
            for number, (headings, lines) in enumerate(others, start=1)
        ),
    ]
