"""Whether planted work shows where it is: each slope beside the one that is expected."""

from collections.abc import Sequence

from showdown.explain.explanation import LayerFound
from showdown.report.figures import Figure, difference, hundredths
from showdown.report.html.drawing import Drawn, Numbers, points
from showdown.report.planted_work import READING, planted_table


def drawn(scenario: str, found: Sequence[LayerFound]) -> Drawn:
    """A point with its interval for each layer, beside 1; and the table of all slopes."""
    slopes = {each.layer: slope for each in found if (slope := each.slopes["service_cpu_us_per_request"])}
    figures = {layer: Figure(slope.value, slope.low, slope.high) for layer, slope in slopes.items()}
    told = {layer: difference(figure, hundredths) for layer, figure in figures.items()}
    return Drawn(
        name=f"{scenario}-planted",
        title="What each µs of planted work adds to the service's CPU time",
        said=f"A point with its interval for each of {len(figures)} layers, beside 1.",
        panels=[("µs for each µs", points(figures, told, reference=1))] if figures else [],
        numbers=Numbers(*planted_table(found)),
        note=READING,
    )
