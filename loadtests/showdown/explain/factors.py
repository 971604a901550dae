"""The factor of each step of a chain, from the slices of its two variants that stood side by side."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from showdown.contenders.chains import Chain, Step
from showdown.explain.explanation import (
    Both,
    Explained,
    Explanation,
    Factor,
    Level,
    MeasureName,
    ScenarioExplanation,
    Whole,
)
from showdown.judge.comparisons import SERVICE_CPU, THROUGHPUT, BlockMeans, Comparison, Measure, compare, confidence
from showdown.judge.intervals import estimate
from showdown.judge.judgement import Judgement
from showdown.judge.verdicts.verdict import Consequence
from showdown.measure.results import Ceiling, Run, Slice


def _postgres_cpu(of: Slice | Ceiling) -> float | None:
    return of.tiers["postgres"].cpu_us_per_request if "postgres" in of.tiers else None


POSTGRES_CPU = Measure("postgres_cpu_us_per_request", "Postgres CPU a request", _postgres_cpu, more_is_better=False)
MEASURES: dict[MeasureName, Measure] = {
    "requests_per_second": THROUGHPUT,
    "service_cpu_us_per_request": SERVICE_CPU,
    "postgres_cpu_us_per_request": POSTGRES_CPU,
}
# Where a run has no noise at all, an interval has no width.
ROUNDING = 1e-9


def explain(judgement: Judgement) -> Explanation | None:
    """None where the run is not of a chain."""
    run = judgement.run
    if run.chain is None:
        return None
    return Explanation(
        chain=run.chain.name,
        description=run.chain.description,
        confidence=confidence(run),
        scenarios=[_of_scenario(judgement, run.chain, scenario) for scenario in run.profile.scenarios],
    )


def _of_scenario(judgement: Judgement, chain: Chain, scenario: str) -> ScenarioExplanation:
    run, hosts = judgement.run, max(judgement.run.service_hosts)
    refused = frozenset(
        row.variant
        for row in judgement.rows
        if row.scenario == scenario and judgement.consequence(row) is Consequence.REFUSED
    )
    ways = {name: _Way(compare(run, scenario, hosts, measure), refused) for name, measure in MEASURES.items()}
    steps = [
        Explained(step=step, factors={name: _factor(way.logs(step), run) for name, way in ways.items()})
        for step in chain.steps
    ]
    otherwise = {step.name: step for step in chain.other_way}
    pairs = [(step, otherwise[step.name]) for step in chain.steps if otherwise.get(step.name, step) != step]
    return ScenarioExplanation(
        scenario=scenario,
        levels={
            variant: {name: level for name, way in ways.items() if (level := way.level(variant))}
            for variant in chain.variants()
        },
        steps=steps,
        both_ways=[_both(ways, step, other, run) for step, other in pairs],
        whole={}
        if chain.has_branches
        else {
            name: _whole(_factor(way.between(chain.first, chain.last), run), [each.factors[name] for each in steps])
            for name, way in ways.items()
        },
    )


@dataclass(frozen=True)
class _Way:
    """One scenario by one measure, without the variants whose numbers are refused."""

    of: Comparison
    refused: frozenset[str]

    def logs(self, step: Step) -> BlockMeans:
        return self.between(step.before, step.after)

    def between(self, before: str, after: str) -> BlockMeans:
        """By block: the logarithm of how many times as good the second is."""
        if not self.refused.isdisjoint({before, after}):
            return {}
        sign = 1 if self.of.measure.more_is_better else -1
        return {block: sign * log for block, log in self.of.ratio_by_block(after, before).items()}

    def level(self, variant: str) -> Level | None:
        """What it reached; None where that was not measured."""
        if variant in self.refused or variant not in self.of.level_by_block:
            return None
        known = self.of.levels.get(variant)
        if known is None:
            return Level(value=math.exp(fmean(self.of.level_by_block[variant].values())))
        low, high = known.interval
        return Level(value=known.value, low=low, high=high)


def _both(ways: Mapping[MeasureName, _Way], step: Step, other: Step, run: Run) -> Both:
    def differs(way: _Way) -> BlockMeans:
        chain, end = way.logs(step), way.logs(other)
        return {block: log - chain[block] for block, log in end.items() if block in chain}

    return Both(
        name=step.name,
        other_way={name: _factor(way.logs(other), run) for name, way in ways.items()},
        interaction={name: _factor(differs(way), run) for name, way in ways.items()},
    )


def _factor(by_block: BlockMeans, run: Run) -> Factor | None:
    known = estimate(list(by_block.values()), confidence(run))
    if known is None:
        return None
    low, high = known.interval
    return Factor(value=known.value, low=low, high=high, is_different=known.is_different, blocks=known.blocks)


def _whole(whole: Factor | None, steps: Sequence[Factor | None]) -> Whole:
    known = [factor.value for factor in steps if factor]
    product = math.prod(known) if len(known) == len(steps) else None
    inside = None
    if whole and product is not None:
        inside = whole.low * (1 - ROUNDING) <= product <= whole.high * (1 + ROUNDING)
    return Whole(factor=whole, product=product, is_product_inside=inside)
