"""The CPU time that one request takes in the service, by layer, as stacked bars."""

from showdown.report import by_layer
from showdown.report.figures import whole
from showdown.report.html.budget import shares, stacked
from showdown.report.html.drawing import Drawn, Numbers
from showdown.report.summary import Summary
from showdown.sampling.layers import OTHER, load_layers


def drawn(summary: Summary, scenario: str) -> Drawn | None:
    """None where nothing was sampled."""
    sampled = by_layer.of_scenario(summary.run, scenario)
    if not sampled:
        return None
    layers = by_layer.layers_of(sampled)
    by_row = {each.variant: each.layers_us_per_request for each in sampled}
    ordered = {name: {layer: us[layer] for layer in layers if layer in us} for name, us in by_row.items()}
    totals = {each.variant: each.cpu_us_per_request for each in sampled}
    ends = {name: f"{whole(total)} µs" for name, total in totals.items()}
    largest = {name: max(us, key=us.__getitem__) for name, us in ordered.items() if us}
    told = ", ".join(f"{name} {whole(totals[name])} µs, most of it in {layer}" for name, layer in largest.items())
    colours = _colours(layers)
    return Drawn(
        name=f"{scenario}-layers",
        title="CPU time of the service for one request, by layer",
        said=f"A bar for each of {len(sampled)} variants, stacked by layer: {told}.",
        panels=[
            ("µs for a request", stacked(ordered, colours, ends, "layer")),
            (
                "Whose share is how large, in %",
                stacked({n: shares(of) for n, of in ordered.items()}, colours, ends, "layer"),
            ),
        ],
        numbers=Numbers(by_layer.headings(layers), [[each.variant, *by_layer.cells(each, layers)] for each in sampled]),
        note=" ".join(f"{sentence[0].upper()}{sentence[1:]}." for sentence in by_layer.sentences(sampled)),
        links=[(f"Flame graph of {each.variant}", each.graph) for each in sampled],
    )


def _colours(layers: list[str]) -> dict[str, str]:
    """The same in each run, whichever layers it has."""
    places = {name: number for number, name in enumerate(load_layers().layers, start=1)}
    return {name: f"var(--layer-{places.get(name, OTHER)})" for name in layers}
