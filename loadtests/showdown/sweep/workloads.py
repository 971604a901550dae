"""The points of a sweep, brought together from its runs: one workload for each scenario, or one of all rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from showdown.judge.comparisons import Comparison, Measure
from showdown.measure.results import Run
from showdown.measure.sweeps import Point
from showdown.report.summary import Row, Summary
from showdown.requests.latency import without_latency
from showdown.sweep.swept import LATENCY, NUMBERS, OF_SCENARIOS, OF_THE_STACK, ROWS, is_number


@dataclass(frozen=True)
class Place:
    """One point under one scenario, in the run that has measured it."""

    value: str
    summary: Summary
    scenario: str
    names: Mapping[str, str]
    """By variant that is swept: the variant of the run."""

    @property
    def run(self) -> Run:
        return self.summary.run

    def row(self, variant: str) -> Row | None:
        """Of a table; None where nothing was measured."""
        return next(
            (row for row in self.summary.rows.get(self.scenario, []) if row.variant == self.names[variant]), None
        )

    def comparison(self, measure: Measure) -> Comparison | None:
        """Of all that stood side by side with this point; None where nothing was measured."""
        standing = self.summary.judgement.standing(self.scenario, max(self.run.service_hosts), measure)
        return standing.comparison if standing else None

    def is_ranked(self, variant: str, measure: Measure) -> bool:
        """Not where a verdict is against it."""
        standing = self.summary.judgement.standing(self.scenario, max(self.run.service_hosts), measure)
        return standing is not None and self.names[variant] in standing.ranks


@dataclass(frozen=True)
class Workload:
    """What is drawn in one chart."""

    title: str
    """The scenario, or `rows`."""
    parameter: str
    places: Sequence[Place]
    """In the order of their values."""
    variants: Sequence[str]

    @property
    def is_numeric(self) -> bool:
        # Results may be somebody else's.
        return self.parameter in NUMBERS and all(is_number(self.parameter, place.value) for place in self.places)

    @property
    def is_side_by_side(self) -> bool:
        """Whether the points, too, and not only the variants at each of them, can be compared."""
        return self.parameter not in OF_SCENARIOS | OF_THE_STACK


def workloads(summaries: Sequence[Summary]) -> list[Workload]:
    """Those of a sweep's runs, of which each has at least one point."""
    of_points = [(summary, point) for summary in summaries for point in _points(summary.run)]
    (_, first), parameter = of_points[0], _parameter(summaries[0].run)
    variants = list(first.variants)
    if first.scenario is not None:
        by_title: dict[str, list[Place]] = {}
        for summary, point in of_points:
            place = _place(summary, point, point.scenario or "")
            by_title.setdefault(_title(place), []).append(place)
        return [Workload(title, parameter, places, variants) for title, places in by_title.items()]
    return [
        Workload(scenario, parameter, [_place(summary, point, scenario) for summary, point in of_points], variants)
        for scenario in summaries[0].run.profile.scenarios
    ]


def _title(place: Place) -> str:
    """All numbers of rows are one workload, and so are all latencies of one scenario."""
    latency = place.run.latency_ms.get(place.scenario)
    if latency is None or _parameter(place.run) != LATENCY:
        return ROWS
    return without_latency(place.scenario, latency)


def _place(summary: Summary, point: Point, scenario: str) -> Place:
    return Place(point.value, summary, scenario, point.variants)


def _points(run: Run) -> Sequence[Point]:
    return run.sweep.points if run.sweep else []


def _parameter(run: Run) -> str:
    return run.sweep.parameter if run.sweep else ""
