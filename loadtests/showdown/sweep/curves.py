"""How each variant does at each point, by four measures, with what blocks tell of how far that may be off."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean

from showdown.generators.latencies import merged, percentile_ms
from showdown.judge.comparisons import SERVICE_CPU, THROUGHPUT, BlockMeans, confidence
from showdown.judge.intervals import estimate
from showdown.judge.verdicts.verdict import Consequence
from showdown.measure.results import Slice
from showdown.report.figures import Figure, figure, milliseconds, tenths, whole
from showdown.sweep.workloads import Place, Workload


@dataclass(frozen=True)
class Drawn:
    """What is drawn, and stands in a column."""

    name: str
    heading: str
    shown: Callable[[float], str]
    of_block: Callable[[list[Slice]], float | None]
    """Of the slices of one variant in one block."""


def _mean(read: Callable[[Slice], float | None]) -> Callable[[list[Slice]], float | None]:
    """The geometric one, as everywhere."""

    def value(slices: list[Slice]) -> float | None:
        logs = [math.log(found) for each in slices if (found := read(each))]
        return math.exp(fmean(logs)) if logs else None

    return value


def _p99_ms(slices: list[Slice]) -> float | None:
    return percentile_ms(merged(each.histogram for each in slices), 99)


REQUESTS = Drawn("requests_per_second", "req/s", whole, _mean(THROUGHPUT.of))
DRAWN = (
    REQUESTS,
    Drawn("p99_ms", "p99 ms", milliseconds, _p99_ms),
    Drawn("service_cpu_us", "service CPU µs a request", whole, _mean(SERVICE_CPU.of)),
    Drawn("rss_mib", "service memory MiB", tenths, _mean(lambda each: each.tiers["service"].peak_rss_mib)),
)


@dataclass(frozen=True)
class Reached:
    """One variant at one point, by one measure."""

    variant: str
    value: str
    """Of the parameter."""
    figure: Figure
    by_block: BlockMeans
    """Logarithms."""


def curve(workload: Workload, variant: str, drawn: Drawn) -> list[Reached]:
    """In the order of the points; those without a number are left out."""
    return [found for place in workload.places if (found := reached(place, variant, drawn))]


def reached(place: Place, variant: str, drawn: Drawn) -> Reached | None:
    """None where nothing was measured, or the numbers are refused."""
    row = place.row(variant)
    if row is None or row.consequence is Consequence.REFUSED:
        return None
    slices: dict[int, list[Slice]] = {}
    for each in place.run.slices:
        if (each.variant, each.scenario) == (place.names[variant], place.scenario):
            slices.setdefault(each.block, []).append(each)
    by_block = {block: math.log(value) for block, of in slices.items() if (value := drawn.of_block(of))}
    if not by_block:
        return None
    logs = list(by_block.values())
    known = estimate(logs, confidence(place.run))
    return Reached(variant, place.value, figure(known) if known else Figure(math.exp(fmean(logs))), by_block)
