"""What all reports show of a run: for each scenario, one row for each variant."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from showdown.contenders.chains import Chain
from showdown.explain.explanation import Explanation, LayerFound, ScenarioExplanation
from showdown.explain.factors import explain
from showdown.judge.comparisons import MEASURES, Comparison, Measure
from showdown.judge.equality import Equality
from showdown.judge.judgement import Judgement, judge
from showdown.judge.ranks import Rank
from showdown.judge.rows import Row as Judged
from showdown.judge.verdicts.verdict import Consequence
from showdown.measure.results import Ceiling, Run, Slice
from showdown.report import metrics
from showdown.report.figures import UNKNOWN, Figure, percent
from showdown.report.metrics import Measured
from showdown.report.prices import Prices
from showdown.report.setting import contender_name

CEILING, TWIN = "ceiling", "A/A"
FINE = "ok"


@dataclass(frozen=True)
class Row:
    """The metrics of one variant, or of the ceiling, under one scenario: `row["p50_ms"]`."""

    name: str
    """The variant's name, with its number of hosts if that is not 1; or the ceiling's."""
    variant: str | None
    """None for the ceiling."""
    service_hosts: int
    rank: Rank | None
    """None for a doubtful row, the twin and the ceiling."""
    consequence: Consequence | None
    """Of the gravest doubt."""
    verdict: str
    """In two or three words."""
    figures: Mapping[str, Figure | None]
    """By the metrics' names. None: unknown."""
    measured: Measured
    """What they are of."""

    @property
    def is_ceiling(self) -> bool:
        return self.variant is None

    @property
    def is_doubtful(self) -> bool:
        """Whether a verdict costs it its rank."""
        return self.consequence is not None and self.consequence > Consequence.NOTE

    @property
    def rank_text(self) -> str:
        """The place, or the first and the last that it may have: "2–4"."""
        if self.rank is None:
            return UNKNOWN
        place, last = self.rank.place, self.rank.last
        return str(place) if place == last else f"{place}–{last}"

    def figure(self, metric: str) -> Figure | None:
        """None also if the row's numbers are refused."""
        return None if self.consequence is Consequence.REFUSED else self.figures[metric]

    def __getitem__(self, metric: str) -> float | None:
        figure = self.figure(metric)
        return figure.value if figure else None


@dataclass(frozen=True)
class Summary:
    """What all reports show of a run."""

    run: Run
    judgement: Judgement
    rows: Mapping[str, list[Row]]
    """By scenario, in their order; those without slices are left out."""
    prices: Prices | None
    explanation: Explanation | None = None
    """Of a run of a chain."""

    def planted(self, scenario: str) -> list[LayerFound]:
        """What became of planted work under this scenario."""
        return [each for each in self.explanation.virtual if each.scenario == scenario] if self.explanation else []

    def explained(self, scenario: str) -> list[tuple[Chain, ScenarioExplanation]]:
        """The chain under this scenario, and the one beside it."""
        told = self.explanation
        pairs = [(self.run.chain, told), (self.run.beside, told.beside)] if told else []
        return [
            (chain, each)
            for chain, of_chain in pairs
            if chain and of_chain
            for each in of_chain.scenarios
            if each.scenario == scenario
        ]


def summarize(run: Run, prices: Prices | None = None) -> Summary:
    """All rows of a run. `prices`: of hosts that it might run on, where it ran on one machine."""
    judgement = judge(run)
    rows = {scenario: _rows(judgement, scenario, prices) for scenario in run.profile.scenarios}
    measured = {scenario: found for scenario, found in rows.items() if found}
    return Summary(run, judgement, measured, prices, explain(judgement))


def _rows(judgement: Judgement, scenario: str, prices: Prices | None) -> list[Row]:
    """The best first, those whose numbers are refused at the end; then the ceiling."""
    run = judgement.run
    rows = [_row(judgement, judged, prices) for judged in judgement.rows if judged.scenario == scenario]
    if run.rate is None:
        rows.sort(key=lambda row: (row.service_hosts, -(row["requests_per_second"] or 0.0)))
    else:
        rows.sort(key=lambda row: (row.service_hosts, row["service_cpu_us"] or inf))
    if ceilings := [ceiling for ceiling in run.ceilings if ceiling.scenario == scenario]:
        # The ceiling has the connections of the most hosts.
        name, compared = ceilings[0].name, _comparisons(judgement, scenario, max(run.service_hosts))
        measured = Measured(run, name, ceilings, 0, compared, prices)
        rows.append(Row(name, None, 0, None, None, CEILING, _figures(measured), measured))
    return rows


def _row(judgement: Judgement, judged: Judged, prices: Prices | None) -> Row:
    run = judgement.run
    compared = _comparisons(judgement, judged.scenario, judged.service_hosts)
    slices: list[Slice | Ceiling] = [*judged.slices]
    measured = Measured(run, judged.variant, slices, judged.service_hosts, compared, prices)
    standing = judgement.standing(judged.scenario, judged.service_hosts, judgement.ranked_by)
    return Row(
        name=contender_name(run, judged.variant, judged.service_hosts),
        variant=judged.variant,
        service_hosts=judged.service_hosts,
        rank=standing.ranks.get(judged.variant) if standing else None,
        consequence=judgement.consequence(judged),
        verdict=_verdict(judgement, judged, standing.equality if standing else None),
        figures=_figures(measured),
        measured=measured,
    )


def _verdict(judgement: Judgement, judged: Judged, equality: Equality | None) -> str:
    """What doubts there are about the row, and those about all rows for which it has no rank."""
    about = judgement.about(judged)
    of_all = [
        verdict
        for verdict in judgement.verdicts
        if verdict not in about
        and verdict.consequence > Consequence.NOTE
        and verdict.about.covers(judged.scenario, judged.service_hosts, judged.variant)
    ]
    labels = list(dict.fromkeys(verdict.label for verdict in [*of_all, *about]))
    if equality and equality.twin == judged.variant:
        labels.insert(0, f"{TWIN} ±{percent(equality.no_difference)}")
    return ", ".join(labels) or FINE


def _comparisons(judgement: Judgement, scenario: str, service_hosts: int) -> dict[Measure, Comparison]:
    standings = {measure: judgement.standing(scenario, service_hosts, measure) for measure in MEASURES}
    return {measure: standing.comparison for measure, standing in standings.items() if standing}


def _figures(measured: Measured) -> dict[str, Figure | None]:
    return {metric.name: metric.figure(measured) for metric in metrics.METRICS}
