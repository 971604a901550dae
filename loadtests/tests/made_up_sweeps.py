"""Sweeps whose true curves are known."""

from collections.abc import Callable

from made_up_runs import SCENARIO, made_up_run
from showdown.generators.latencies import encoded, new_histogram, record
from showdown.measure.results import Run
from showdown.measure.sweeps import Point, Sweep

Speeds = dict[str, dict[str, float]]
"""By variant, and by value of the parameter."""


def made_up_sweep(parameter: str, speeds: Speeds, *, blocks: int = 6, spread: float = 0.02) -> Run:
    """All points of all variants in one run."""
    values = [*next(iter(speeds.values()))]
    run = made_up_run(
        {_name(variant, parameter, value): speeds[variant][value] for value in values for variant in speeds},
        blocks=blocks,
        spread=spread,
    )
    run.sweep = Sweep(
        parameter=parameter,
        points=[
            Point(
                value=value,
                variants={variant: _name(variant, parameter, value) for variant in speeds},
                users=int(value) if parameter == "users" else None,
            )
            for value in values
        ],
    )
    for each in run.slices:
        histogram = new_histogram()
        record(histogram, run.users_of(each.variant) / each.requests_per_second * 1000)
        each.histogram = encoded(histogram)
    return run


def made_up_sizes(speeds: Speeds) -> list[Run]:
    """A run for each value of size."""
    runs = []
    for value in next(iter(speeds.values())):
        run = made_up_run({variant: of[value] for variant, of in speeds.items()})
        run.size = int(value)
        run.sweep = Sweep(parameter="size", points=[Point(value=value, variants={name: name for name in speeds})])
        runs.append(run)
    return runs


def made_up_rows(speeds: Speeds) -> Run:
    """A scenario for each number of rows, in one run."""
    return _of_scenarios("rows", speeds, lambda value: f"{SCENARIO}-{value}")


def made_up_latencies(speeds: Speeds) -> Run:
    """A scenario for each latency, in one run."""
    run = _of_scenarios("latency", speeds, lambda value: f"{SCENARIO}-{value}ms")
    run.latency_ms = {f"{SCENARIO}-{value}ms": float(value) for value in next(iter(speeds.values()))}
    return run


def _of_scenarios(parameter: str, speeds: Speeds, name: Callable[[str], str]) -> Run:
    values = [*next(iter(speeds.values()))]
    runs = {value: made_up_run({variant: of[value] for variant, of in speeds.items()}) for value in values}
    run = runs[values[0]]
    scenarios = {value: name(value) for value in values}
    run.profile.scenarios = [*scenarios.values()]
    run.slices = [
        each.model_copy(update={"scenario": scenarios[value]}) for value, of in runs.items() for each in of.slices
    ]
    names = {variant: variant for variant in speeds}
    run.sweep = Sweep(
        parameter=parameter,
        points=[Point(value=value, variants=names, scenario=scenario) for value, scenario in scenarios.items()],
    )
    return run


def _name(variant: str, parameter: str, value: str) -> str:
    return f"{variant}.{parameter}-{value}"
