"""What a table says, in sentences: what is gained, which variants are alike, and the A/A row."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from statistics import fmean

from showdown.judge.comparisons import MEASURES
from showdown.judge.judgement import Standing
from showdown.report.figures import figure, full, percent, three_digits
from showdown.report.planted_work import planted_sentences
from showdown.report.setting import contender_name, listed
from showdown.report.summary import Summary
from showdown.report.waterfall import sentences


def told(summary: Summary, scenario: str) -> list[str]:
    """What to say of one scenario: of a chain its steps, otherwise its rows."""
    if planted := summary.planted(scenario):
        control_of = control(summary, scenario, max(summary.run.service_hosts))
        return [*planted_sentences(planted), *filter(None, [control_of])]
    explained = summary.explained(scenario)
    if not explained:
        return findings(summary, scenario)
    steps = [
        f"{chain.name}: {sentence}" if summary.run.beside else sentence
        for chain, of_chain in explained
        for sentence in sentences(of_chain)
    ]
    return [*steps, *filter(None, [control(summary, scenario, max(summary.run.service_hosts))])]


def findings(summary: Summary, scenario: str) -> list[str]:
    """The sentences about one scenario's rows."""
    return [sentence for hosts in summary.run.service_hosts for sentence in _findings(summary, scenario, hosts)]


def answer(summary: Summary, scenario: str, service_hosts: int) -> str | None:
    """What the best variant gains; None if no row has a rank, or if the best is what the others are compared with."""
    rows = [row for row in summary.rows.get(scenario, []) if row.service_hosts == service_hosts and row.rank]
    fastest = next(iter(rows), None)
    baseline = summary.run.compared_with
    if not fastest or not fastest.rank or fastest.variant == baseline:
        return None
    ratio, cpu = fastest.figure("ratio"), fastest.figure("service_cpu_ratio")
    alike = [contender_name(summary.run, name, service_hosts) for name in fastest.rank.not_distinguishable]
    who = f"{fastest.name} (not distinguishable from {listed(alike)})" if alike else fastest.name
    if summary.run.rate is not None:
        spent = full(cpu, three_digits) if cpu else None
        return spent and f"Least: {who} has {spent} × the service CPU a request of {baseline}."
    if not ratio:
        return None
    spent = f", at {full(cpu, three_digits)} × its service CPU a request" if cpu else ""
    return f"Most: {who} has {full(ratio, three_digits)} × the req/s of {baseline}{spent}."


def _findings(summary: Summary, scenario: str, service_hosts: int) -> Iterator[str]:
    if told := answer(summary, scenario, service_hosts):
        yield told
    standings = [
        standing
        for measure in MEASURES
        if (standing := summary.judgement.standing(scenario, service_hosts, measure)) is not None
    ]
    for standing in standings:
        if alike := not_distinguishable(by_size(standing), standing):
            names = "; ".join(
                listed([contender_name(summary.run, name, service_hosts) for name in group]) for group in alike
            )
            yield f"Not distinguishable in {standing.comparison.measure.title}: {names}."
    if told := control(summary, scenario, service_hosts):
        yield told


def control(summary: Summary, scenario: str, service_hosts: int) -> str | None:
    """What is no difference; None where no variant was measured twice."""
    twins = [
        (measure, standing.equality)
        for measure in MEASURES
        if (standing := summary.judgement.standing(scenario, service_hosts, measure)) and standing.equality
    ]
    if not twins:
        return None
    equality = twins[0][1]
    twin, of = (contender_name(summary.run, name, service_hosts) for name in (equality.twin, equality.of))
    ratios = listed(f"{full(figure(one.ratio), three_digits)} × its {measure.title}" for measure, one in twins)
    equal = listed(f"±{percent(one.no_difference)}" for _, one in twins)
    found = listed(percent(one.smallest_found) for _, one in twins)
    return (
        f"A/A: {twin}, which is {of} once more, had {ratios}. So this run calls {equal} no difference; a "
        f"difference of {found} is the smallest that four of five such runs would find."
    )


def by_size(standing: Standing) -> list[str]:
    """The names of those that have a rank, the one with the highest value first."""
    levels = standing.comparison.level_by_block
    return sorted(standing.ranks, key=lambda name: -fmean(levels[name].values()))


def not_distinguishable(names: Sequence[str], standing: Standing) -> list[list[str]]:
    """Groups of names, each group as large as it can be, within which no difference is established.

    Names that stand together are grouped first; what is left is told pair by pair.
    """
    alike = {
        frozenset(pair) for pair in combinations(names, 2) if pair[1] in standing.ranks[pair[0]].not_distinguishable
    }
    groups: list[list[str]] = []
    for first in range(len(names)):
        last = first
        while last + 1 < len(names) and all(
            frozenset({name, names[last + 1]}) in alike for name in names[first : last + 1]
        ):
            last += 1
        group = list(names[first : last + 1])
        if len(group) > 1 and not any(set(group) <= set(other) for other in groups):
            groups.append(group)
    told = {frozenset(pair) for group in groups for pair in combinations(group, 2)}
    return groups + [[one, other] for one, other in combinations(names, 2) if frozenset({one, other}) in alike - told]
