"""Runs with planted work of which it is known what becomes of it."""

from collections.abc import Mapping

from made_up_runs import made_up_run
from showdown.measure.results import Run
from showdown.measure.virtual import Planted, Virtual

OF, CPU_US, MICROSECONDS = "service", 400.0, (50, 100, 200)
NONE = f"{OF}.0us"


def made_up_virtual_run(shares: Mapping[str, float], *, blocks: int = 6, spread: float = 0.01) -> Run:
    """`shares`: by layer, what a request really does there of the work that was planted. The service has one core."""
    layers = list(shares)
    points = [
        Planted(variant=NONE, layer=layers[0], microseconds=0),
        *(Planted(variant=name(layer, us), layer=layer, microseconds=us) for layer in layers for us in MICROSECONDS),
    ]
    cpu_us = {each.variant: CPU_US + shares[each.layer] * each.microseconds for each in points}
    run = made_up_run({variant: 1e6 / us for variant, us in cpu_us.items()}, blocks=blocks, spread=spread)
    for variant in run.variants.values():
        variant.workers = 1
    run.virtual = Virtual(of=OF, points=points)
    return run


def name(layer: str, microseconds: int) -> str:
    return f"{OF}.{layer}-{microseconds}us"
