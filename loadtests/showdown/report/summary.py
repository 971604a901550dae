"""Summarises the rounds of a run once for all reports: a row for each variant and scenario."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from showdown.measure.results import Result, Run
from showdown.report import metrics
from showdown.report.metrics import Measured
from showdown.report.setting import contender_name


@dataclass(frozen=True)
class Row:
    """The metrics of one variant, or of the ceiling, under one scenario: `row["p50_ms"]`."""

    name: str
    """The variant's name, with its number of hosts if that is not 1; or the ceiling's."""
    variant: str | None
    """None for the ceiling."""
    service_hosts: int
    slowest_round: float
    requests_per_second: float
    fastest_round: float
    """The lowest, median and highest of the rounds."""
    values: Mapping[str, float | None]
    """By the metrics' names. None if unknown."""

    @property
    def is_ceiling(self) -> bool:
        return self.variant is None

    def __getitem__(self, metric: str) -> float | None:
        return self.values[metric]


@dataclass(frozen=True)
class Summary:
    """What the reports show of a run."""

    run: Run
    rows: Mapping[str, list[Row]]
    """By scenario, in order; scenarios without rounds are left out."""


def summarize(run: Run) -> Summary:
    """All rows of a run."""
    rows = {scenario: _rows(run, scenario) for scenario in run.profile.scenarios}
    return Summary(run, {scenario: of_scenario for scenario, of_scenario in rows.items() if of_scenario})


def _rows(run: Run, scenario: str) -> list[Row]:
    """The variants in order, then the ceiling."""
    results: dict[tuple[str, int], list[Result]] = {}
    for result in run.results:
        if result.scenario == scenario:
            results.setdefault((result.variant, result.service_hosts), []).append(result)
    baselines = {
        hosts: {result.round: result.requests_per_second for result in results.get((run.compared_with, hosts), [])}
        for hosts in run.service_hosts
    }
    rows = [
        _row(contender_name(run, variant, hosts), variant, Measured(run, rounds, hosts, baselines[hosts]))
        for variant, hosts in product(run.variants, run.service_hosts)
        if (rounds := results.get((variant, hosts)))
    ]
    if ceilings := [ceiling for ceiling in run.ceilings if ceiling.scenario == scenario]:
        # The ceiling has as many connections as a variant on the most hosts.
        rows.append(_row(ceilings[0].name, None, Measured(run, ceilings, 0, baselines[max(run.service_hosts)])))
    return rows


def _row(name: str, variant: str | None, measured: Measured) -> Row:
    return Row(
        name=name,
        variant=variant,
        service_hosts=measured.service_hosts,
        slowest_round=min(measured.speeds),
        requests_per_second=measured.requests_per_second,
        fastest_round=max(measured.speeds),
        values={metric.name: metric.value(measured) for metric in metrics.METRICS},
    )
