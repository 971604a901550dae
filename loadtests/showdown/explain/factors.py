"""The factor of each step of a chain, from the slices of its two variants that stood side by side."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from showdown.contenders.chains import Chain, Step
from showdown.explain.explanation import (
    Both,
    Explained,
    Explanation,
    Factor,
    Level,
    MeasureName,
    OfChain,
    ScenarioExplanation,
    Whole,
)
from showdown.explain.factor import factor_of, level_of
from showdown.explain.layer_changes import layer_changes
from showdown.explain.over_latency import over_latency
from showdown.explain.planted import description, layers_found
from showdown.judge.comparisons import (
    SERVICE_CPU,
    THROUGHPUT,
    BlockMeans,
    Comparison,
    Measure,
    compare,
    confidence,
    cpu_us,
)
from showdown.judge.judgement import Judgement
from showdown.judge.rows import Row
from showdown.judge.verdicts.verdict import Consequence
from showdown.measure.results import Run

POSTGRES_CPU = Measure(
    "postgres_cpu_us_per_request", "Postgres CPU a request", cpu_us("postgres"), more_is_better=False
)
MEASURES: dict[MeasureName, Measure] = {
    "requests_per_second": THROUGHPUT,
    "service_cpu_us_per_request": SERVICE_CPU,
    "postgres_cpu_us_per_request": POSTGRES_CPU,
}
# Where a run has no noise at all, an interval has no width.
ROUNDING = 1e-9


def explain(judgement: Judgement) -> Explanation | None:
    """None where the run is neither of a chain nor of planted work."""
    run = judgement.run
    if run.virtual:
        return Explanation(
            chain="virtual",
            description=description(run.virtual),
            scenarios=[],
            confidence=confidence(run),
            virtual=layers_found(judgement, _trusted(judgement)),
        )
    if run.chain is None:
        return None
    of_chain = _of_chain(judgement, run.chain)
    return Explanation(
        chain=of_chain.chain,
        description=of_chain.description,
        scenarios=of_chain.scenarios,
        confidence=confidence(run),
        beside=_of_chain(judgement, run.beside) if run.beside else None,
        over_latency=over_latency(run, _trusted(judgement)),
    )


def _trusted(judgement: Judgement) -> dict[tuple[str, str], Row]:
    """By variant and scenario, the rows whose numbers are not refused; of all service hosts at once."""
    hosts = max(judgement.run.service_hosts)
    return {
        (row.variant, row.scenario): row
        for row in judgement.rows
        if row.service_hosts == hosts and judgement.consequence(row) is not Consequence.REFUSED
    }


def _of_chain(judgement: Judgement, chain: Chain) -> OfChain:
    scenarios = [_of_scenario(judgement, chain, scenario) for scenario in judgement.run.profile.scenarios]
    return OfChain(chain=chain.name, description=chain.description, scenarios=scenarios)


def _of_scenario(judgement: Judgement, chain: Chain, scenario: str) -> ScenarioExplanation:
    run, hosts = judgement.run, max(judgement.run.service_hosts)
    trusted = _trusted(judgement)
    without = frozenset(variant for variant in run.variants if (variant, scenario) not in trusted)
    ways = {name: _Way(compare(run, scenario, hosts, measure), without) for name, measure in MEASURES.items()}
    steps = [
        Explained(
            step=step,
            factors={name: factor_of(way.logs(step), run) for name, way in ways.items()},
            layers=layer_changes(run, scenario, step),
        )
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
            name: _whole(factor_of(way.between(chain.first, chain.last), run), [each.factors[name] for each in steps])
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
        return None if variant in self.refused else level_of(variant, self.of)


def _both(ways: Mapping[MeasureName, _Way], step: Step, other: Step, run: Run) -> Both:
    def differs(way: _Way) -> BlockMeans:
        chain, end = way.logs(step), way.logs(other)
        return {block: log - chain[block] for block, log in end.items() if block in chain}

    return Both(
        name=step.name,
        other_way={name: factor_of(way.logs(other), run) for name, way in ways.items()},
        interaction={name: factor_of(differs(way), run) for name, way in ways.items()},
    )


def _whole(whole: Factor | None, steps: Sequence[Factor | None]) -> Whole:
    known = [factor.value for factor in steps if factor]
    product = math.prod(known) if len(known) == len(steps) else None
    inside = None
    if whole and product is not None:
        inside = whole.low * (1 - ROUNDING) <= product <= whole.high * (1 + ROUNDING)
    return Whole(factor=whole, product=product, is_product_inside=inside)
