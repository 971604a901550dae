"""What `--json` prints of two runs side by side."""

from collections.abc import Sequence
from typing import Literal

from showdown.judge.differences import Difference, circumstances, obstacles
from showdown.measure.results import Run
from showdown.report.exports.values import Value, of_estimate
from showdown.report.side_by_side import disagreements
from showdown.types import Count, Line, Name, Record, Text


class Side(Record):
    """One of the two."""

    started_at: Line
    command: Line
    commit: Line
    generator: Line
    baseline: Name


class ExportedDifference(Record):
    """One variant, under one scenario, in one measure."""

    scenario: Name
    service_hosts: Count
    variant: Name
    measure: Name
    to_baseline: bool
    """Whether it is the ratio to the baseline that is compared: what the whole machine did drops out."""
    first: Value
    second: Value
    ratio: Value
    """The second ÷ the first."""
    is_established: bool
    is_better: bool
    """Whether the second is, if anything."""
    is_inside: bool
    """Whether the second's value lies in the first one's interval."""


class ComparedRuns(Record):
    """The whole document."""

    schema_version: Literal[1] = 1
    first: Side
    second: Side
    not_the_same: list[Text]
    """Besides what was measured."""
    differences: list[ExportedDifference]
    disagreements: list[Text]
    """Of two generators."""


def compared_runs(first: Run, second: Run, found: Sequence[Difference]) -> ComparedRuns:
    return ComparedRuns(
        first=_side(first),
        second=_side(second),
        not_the_same=[*obstacles(first, second), *circumstances(first, second)],
        differences=[_difference(one) for one in found],
        disagreements=disagreements(first, second, found),
    )


def _side(run: Run) -> Side:
    return Side(
        started_at=run.started_at,
        command=run.command,
        commit=run.commit,
        generator=run.generator,
        baseline=run.compared_with,
    )


def _difference(one: Difference) -> ExportedDifference:
    return ExportedDifference(
        scenario=one.scenario,
        service_hosts=one.service_hosts,
        variant=one.variant,
        measure=one.measure.name,
        to_baseline=one.to_baseline,
        first=of_estimate(one.first),
        second=of_estimate(one.second),
        ratio=of_estimate(one.ratio),
        is_established=one.established,
        is_better=one.is_better,
        is_inside=one.inside,
    )
