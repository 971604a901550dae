"""Whether planted work shows where it is: what a measure grows by for each microsecond of it, layer by layer."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from statistics import fmean

from showdown.explain.explanation import LayerFound, PlantedSlope, SlopeName
from showdown.judge.adjustment import Lap, lap_of
from showdown.judge.comparisons import confidence, cpu_us
from showdown.judge.intervals import FEWEST_BLOCKS
from showdown.judge.judgement import Judgement
from showdown.judge.slope import mean_slope, slope
from showdown.judge.verdicts.bounds import MACHINE, TierAtItsLimit
from showdown.measure.results import Run, Slice
from showdown.measure.virtual import Virtual


def _time_us(of: Slice) -> float | None:
    return 1e6 / of.requests_per_second if of.requests_per_second else None


MEASURED: Mapping[SlopeName, Callable[[Slice], float | None]] = {
    "service_cpu_us_per_request": cpu_us("service"),
    "postgres_cpu_us_per_request": cpu_us("postgres"),
    "us_per_request": _time_us,
}


def layers_found(judgement: Judgement, trusted: Collection[tuple[str, str]]) -> list[LayerFound]:
    """Of a run of `explain --virtual`, under each scenario; empty for any other.

    `trusted`: variants and scenarios whose numbers count.
    """
    virtual = judgement.run.virtual
    if virtual is None:
        return []
    return [
        _layer(judgement, scenario, layer, points)
        for scenario in judgement.run.profile.scenarios
        for layer, points in virtual.layers().items()
        if all((variant, scenario) in trusted for variant in points.values())
    ]


def _layer(judgement: Judgement, scenario: str, layer: str, points: Mapping[int, str]) -> LayerFound:
    """`points`: by microseconds, the variants."""
    run = judgement.run
    expected: Mapping[SlopeName, float] = {
        "service_cpu_us_per_request": 1.0,
        "postgres_cpu_us_per_request": 0.0,
        "us_per_request": _at_the_bottleneck(judgement, scenario, points.values()),
    }
    slopes = {
        name: _slope(list(_of_blocks(run, scenario, points, read)), expected[name], confidence(run))
        for name, read in MEASURED.items()
    }
    service = slopes["service_cpu_us_per_request"]
    return LayerFound(
        scenario=scenario,
        layer=layer,
        microseconds=sorted(points),
        slopes=slopes,
        is_found=service is not None and service.low > 0,
    )


def _at_the_bottleneck(judgement: Judgement, scenario: str, variants: Collection[str]) -> float:
    """What 1 ÷ throughput grows by for each µs: one core works on a request while the others work on other ones.

    0 where something else than the service's cores, or the machine's, bounds one of these variants.
    """
    limits = {
        verdict.about.variant: verdict.of
        for verdict in judgement.verdicts
        if isinstance(verdict, TierAtItsLimit)
        and verdict.about.scenario == scenario
        and verdict.tier in {"service", MACHINE}
    }
    return 1 / fmean(limits[each] for each in variants) if all(each in limits for each in variants) else 0.0


def _of_blocks(
    run: Run, scenario: str, points: Mapping[int, str], read: Callable[[Slice], float | None]
) -> Iterator[float]:
    """The slope of each block, of laps in which all points stood side by side: what a lap had of its own is in each."""
    microseconds = {variant: each for each, variant in points.items()}
    laps: dict[Lap, dict[int, float]] = {}
    for one in run.slices:
        if one.scenario == scenario and one.variant in microseconds and (value := read(one)) is not None:
            laps.setdefault(lap_of(one), {})[microseconds[one.variant]] = value
    blocks: dict[int, list[tuple[int, float]]] = {}
    for (block, _, _), values in laps.items():
        if len(values) == len(points):
            blocks.setdefault(block, []).extend(values.items())
    for pairs in blocks.values():
        planted, found = zip(*pairs, strict=True)
        yield slope(planted, found)


def _slope(of_blocks: Sequence[float], expected: float, of_interval: float) -> PlantedSlope | None:
    """The mean of the blocks' slopes, with Student's interval; None with too few."""
    if len(of_blocks) < FEWEST_BLOCKS:
        return None
    mean = mean_slope(of_blocks, of_interval)
    return PlantedSlope(
        value=mean.value,
        low=mean.low,
        high=mean.high,
        expected=expected,
        is_as_expected=mean.low <= expected <= mean.high,
        blocks=len(of_blocks),
    )


def description(virtual: Virtual) -> str:
    """The question."""
    return f"does work that is planted at a layer of {virtual.of} show there, and as much of it?"
