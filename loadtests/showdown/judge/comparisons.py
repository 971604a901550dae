"""Ratios of slices that stood side by side."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations, product
from statistics import fmean

from showdown.judge.adjustment import Lap, Laps, adjusted, is_adjusted, lap_of
from showdown.judge.intervals import CONFIDENCE, CONFIDENCE_OF_STOPPED, Estimate, Key, estimate
from showdown.judge.ranks import Pair
from showdown.measure.results import Ceiling, Run, Slice
from showdown.stacks.records import TierName

BlockMeans = Mapping[int, float]
"""By block: the mean of logarithms over its laps."""


@dataclass(frozen=True)
class Measure:
    """What is compared."""

    name: str
    title: str
    """Its name in a sentence."""
    of: Callable[[Slice | Ceiling], float | None]
    """None or 0 if a slice does not have it."""
    more_is_better: bool


def cpu_us(tier: TierName) -> Callable[[Slice | Ceiling], float | None]:
    """Reads what a request cost a tier; None where that is not known."""
    return lambda of: of.tiers[tier].cpu_us_per_request if tier in of.tiers else None


THROUGHPUT = Measure("requests_per_second", "req/s", lambda of: of.requests_per_second, more_is_better=True)
SERVICE_CPU = Measure("service_cpu_us_per_request", "service CPU a request", cpu_us("service"), more_is_better=False)
MEASURES = (THROUGHPUT, SERVICE_CPU)


@dataclass(frozen=True)
class Comparison:
    """All contenders of one scenario, on so many service hosts, by one measure."""

    scenario: str
    service_hosts: int
    measure: Measure
    baseline: str
    """What the others are compared with."""
    levels: Mapping[str, Estimate]
    """By contender, the ceiling's among them: its own values. What the machine did meanwhile is in these intervals;
    two that overlap say nothing of the ratio."""
    pairs: Mapping[Pair, Estimate]
    """The first ÷ the second, each pair once, in the order of the run's variants; the ceiling is the last."""
    by_block: Mapping[Pair, BlockMeans]
    """The logarithms of the same ratios, block by block."""
    level_by_block: Mapping[str, BlockMeans]
    """The logarithms of the contenders' own values, block by block."""

    def ratio(self, first: str, second: str) -> Estimate | None:
        """The first ÷ the second; None where too few blocks have both."""
        if (first, second) in self.pairs:
            return self.pairs[first, second]
        turned = self.pairs.get((second, first))
        return turned and replace(turned, log=-turned.log)

    def ratio_by_block(self, first: str, second: str) -> BlockMeans:
        """The logarithms of first ÷ second, by block; empty where no block has both."""
        if (first, second) in self.by_block:
            return self.by_block[first, second]
        return {block: -log for block, log in self.by_block.get((second, first), {}).items()}

    def to_baseline(self, variant: str) -> Estimate | None:
        """The variant ÷ the baseline."""
        return self.ratio(variant, self.baseline)


def confidence(run: Run) -> float:
    """The confidence of a run's intervals and of the differences that they establish."""
    return CONFIDENCE if run.until_half_width is None else CONFIDENCE_OF_STOPPED


def comparisons(run: Run) -> list[Comparison]:
    """All comparisons of a run: by scenario, service hosts and measure."""
    return [
        compared
        for scenario, hosts, measure in product(run.profile.scenarios, run.service_hosts, MEASURES)
        if (compared := compare(run, scenario, hosts, measure)).level_by_block
    ]


def compare(run: Run, scenario: str, service_hosts: int, measure: Measure) -> Comparison:
    """One comparison; empty if nothing was measured."""
    of_scenario: list[Slice | Ceiling] = [
        *(s for s in run.slices if s.scenario == scenario and s.service_hosts == service_hosts),
        # The ceiling has the connections of the most hosts.
        *(c for c in run.ceilings if c.scenario == scenario and service_hosts == max(run.service_hosts)),
    ]
    laps: dict[str, dict[Lap, float]] = {name: {} for name in run.variants}
    for one in of_scenario:
        if value := measure.of(one):
            name = one.variant if isinstance(one, Slice) else one.name
            laps.setdefault(name, {})[lap_of(one)] = math.log(value)
    laps = {name: of_name for name, of_name in laps.items() if of_name}
    baseline = run.compared_with
    compared: Laps = laps
    if measure is SERVICE_CPU and is_adjusted(run):
        compared = adjusted(laps, (one for one in of_scenario if isinstance(one, Slice))) or laps
    by_block = _by_block(compared, baseline)
    level_by_block = {name: _block_means(of_name) for name, of_name in laps.items()}
    return Comparison(
        scenario=scenario,
        service_hosts=service_hosts,
        measure=measure,
        baseline=baseline,
        levels=_estimates(level_by_block, confidence(run)),
        pairs=_estimates(by_block, confidence(run)),
        by_block=by_block,
        level_by_block=level_by_block,
    )


def _by_block(laps: Mapping[str, Mapping[Lap, float]], baseline: str) -> dict[Pair, BlockMeans]:
    """Ratios of what stood side by side; through the baseline of those that did not, being up in different groups."""
    ratios: dict[Pair, BlockMeans] = {}
    for first, second in combinations(laps, 2):
        if common := _ratios(laps[first], laps[second]):
            ratios[first, second] = _block_means(common)
        elif baseline in laps:
            one, other = (_block_means(_ratios(laps[name], laps[baseline])) for name in (first, second))
            ratios[first, second] = {block: one[block] - other[block] for block in one if block in other}
    return ratios


def _ratios(first: Mapping[Lap, float], second: Mapping[Lap, float]) -> dict[Lap, float]:
    return {lap: value - second[lap] for lap, value in first.items() if lap in second}


def _block_means(laps: Mapping[Lap, float]) -> BlockMeans:
    blocks: dict[int, list[float]] = {}
    for (block, _, _), value in laps.items():
        blocks.setdefault(block, []).append(value)
    return {block: fmean(values) for block, values in blocks.items()}


def _estimates(by_block: Mapping[Key, BlockMeans], of_intervals: float) -> dict[Key, Estimate]:
    found = {key: estimate(list(means.values()), of_intervals) for key, means in by_block.items()}
    return {key: one for key, one in found.items() if one}
