"""Which variant is ahead where, and where that changes: only by differences that are established."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from showdown.judge.comparisons import MEASURES, SERVICE_CPU, THROUGHPUT, Measure
from showdown.judge.intervals import Estimate
from showdown.judge.ranks import Pair, established, ranks
from showdown.report.figures import figure, full, three_digits
from showdown.report.setting import listed
from showdown.sweep.workloads import Place, Workload

# How the better one is called.
AHEAD = {THROUGHPUT: "has more req/s than", SERVICE_CPU: "takes less service CPU a request than"}
BEST = {THROUGHPUT: "most req/s", SERVICE_CPU: "least service CPU a request"}


@dataclass(frozen=True)
class Change:
    """Two variants of which one is ahead at some points, and the other one at others."""

    first: str
    second: str
    ahead: dict[str, Estimate]
    """By value of the parameter at which the first is ahead: first ÷ second."""
    behind: dict[str, Estimate]
    """The same where it is behind: second ÷ first."""


def changes(workload: Workload, measure: Measure) -> list[Change]:
    """The rank changes. All pairs at all points are judged together, so that few are called different by chance."""
    ratios = {
        (_key(first, place), _key(second, place)): ratio
        for first, second in combinations(workload.variants, 2)
        for place in workload.places
        if (ratio := _ratio(place, first, second, measure))
    }
    independent = len(workload.places) * (len(workload.variants) - 1)
    found = set(established(ratios, independent + 1))
    all_ = [_change(workload, pair, ratios, found, measure) for pair in combinations(workload.variants, 2)]
    return [each for each in all_ if each.ahead and each.behind]


def change_sentences(workload: Workload) -> Iterator[str]:
    """Of several variants: where their order changes, by each measure."""
    if len(workload.variants) < 2:  # noqa: PLR2004 - one has no rank
        return
    for measure in MEASURES:
        found = changes(workload, measure)
        for each in found:
            at, against = (_at(workload.parameter, where) for where in (each.ahead, each.behind))
            changed = f"{each.second} {_ahead(measure)} at {against}"
            yield f"Rank change: {each.first} {AHEAD[measure]} {each.second} at {at}; {changed}."
        if not found:
            yield f"No rank change in {measure.title} is established."


def best_sentences(workload: Workload) -> Iterator[str]:
    """Of each variant: at which value it does best, where its points stood side by side."""
    if not workload.is_side_by_side:
        return
    for variant in workload.variants:
        told = [f"{BEST[measure]} at {best}" for measure in MEASURES if (best := _best(workload, variant, measure))]
        if told:
            yield f"{variant}: {'; '.join(told)}."


def _key(variant: str, place: Place) -> str:
    return f"{variant} {place.value}"


def _ratio(place: Place, first: str, second: str, measure: Measure) -> Estimate | None:
    """None where one of them has no rank, or too few blocks have both."""
    comparison = place.comparison(measure)
    if comparison is None or not all(place.is_ranked(variant, measure) for variant in (first, second)):
        return None
    return comparison.ratio(place.names[first], place.names[second])


def _change(workload: Workload, pair: Pair, ratios: dict[Pair, Estimate], found: set[Pair], measure: Measure) -> Change:
    first, second = pair
    change = Change(first, second, {}, {})
    for place in workload.places:
        key = _key(first, place), _key(second, place)
        if key in found:
            ratio = ratios[key]
            if (ratio.log > 0) == measure.more_is_better:
                change.ahead[place.value] = ratio
            else:
                change.behind[place.value] = replace(ratio, log=-ratio.log)
    return change


def _ahead(measure: Measure) -> str:
    return AHEAD[measure].removesuffix(" than")


def _at(parameter: str, where: dict[str, Estimate]) -> str:
    """The values, and the ratio at each."""
    return listed(f"{parameter}={value} ({full(figure(ratio), three_digits)} ×)" for value, ratio in where.items())


def _best(workload: Workload, variant: str, measure: Measure) -> str | None:
    """None where no point has a rank, or no two can be told apart."""
    values = {place.names[variant]: place.value for place in workload.places if place.is_ranked(variant, measure)}
    comparison = workload.places[0].comparison(measure)
    if comparison is None or len(values) < 2:  # noqa: PLR2004 - one is no best
        return None
    levels = comparison.levels
    by_rank = ranks(values, comparison.pairs, more_is_better=measure.more_is_better)
    known = [name for name in values if name in levels]
    if not known:
        return None
    best = (max if measure.more_is_better else min)(known, key=lambda name: levels[name].log)
    alike = [values[name] for name in by_rank[best].not_distinguishable]
    if len(alike) == len(values) - 1:
        return None
    rest = f", not distinguishable from {listed(alike)}" if alike else ""
    return f"{workload.parameter}={values[best]}{rest}"
