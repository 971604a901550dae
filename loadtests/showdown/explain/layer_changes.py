"""Where a step changes the service's CPU time, layer by layer: from what a profiler saw of both of its variants."""

from showdown.contenders.chains import Step
from showdown.explain.explanation import LayerChange
from showdown.measure.results import Run
from showdown.sampling.layers import in_order, load_layers


def layer_changes(run: Run, scenario: str, step: Step) -> list[LayerChange]:
    """In the order of layers.toml; none where not both variants were sampled, or by different profilers."""
    sampled = {each.variant: each for each in run.sampled if each.scenario == scenario}
    before, after = sampled.get(step.before), sampled.get(step.after)
    if before is None or after is None or before.profiler != after.profiler:
        return []
    earlier, later = before.layers_us_per_request, after.layers_us_per_request
    return [
        LayerChange(
            layer=name,
            before_us_per_request=earlier.get(name, 0.0),
            after_us_per_request=later.get(name, 0.0),
        )
        for name in in_order({**earlier, **later}, load_layers())
    ]
