"""What a run's numbers are worth: all that a report says of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from showdown.judge.comparisons import SERVICE_CPU, THROUGHPUT, Comparison, Measure, comparisons
from showdown.judge.equality import Equality, equality
from showdown.judge.ranks import Rank, ranks
from showdown.judge.rows import Row, rows
from showdown.judge.verdicts import answers, bounds, connections, disturbances, equal_work, generator, leak, statistics
from showdown.judge.verdicts.verdict import Consequence, Verdict
from showdown.measure.results import Run

OF_A_ROW = (answers.verdicts, generator.verdicts, bounds.verdicts, connections.verdicts, leak.verdicts)


@dataclass(frozen=True)
class Standing:
    """One scenario, on so many service hosts, by one measure."""

    comparison: Comparison
    ranks: Mapping[str, Rank]
    """By variant. Variants without a rank, the twin and the ceiling are left out."""
    equality: Equality | None
    """None where no variant was measured twice."""


@dataclass(frozen=True)
class Judgement:
    """All that is judged of a run."""

    run: Run
    rows: list[Row]
    standings: list[Standing]
    verdicts: list[Verdict]
    """The gravest first."""

    def standing(self, scenario: str, service_hosts: int, measure: Measure) -> Standing | None:
        """None where nothing was measured."""
        return next(
            (
                one
                for one in self.standings
                if (one.comparison.scenario, one.comparison.service_hosts, one.comparison.measure)
                == (scenario, service_hosts, measure)
            ),
            None,
        )

    def about(self, row: Row) -> list[Verdict]:
        """The doubts about this row alone."""
        return [verdict for verdict in self.verdicts if verdict.about == row.about]

    def consequence(self, row: Row) -> Consequence | None:
        """The gravest of a row's doubts, including those about all rows; None if there is no doubt."""
        return _gravest(self.verdicts, row)

    @property
    def ranked_by(self) -> Measure:
        """What a rank is by: at a rate all answer as many requests as they are asked."""
        return THROUGHPUT if self.run.rate is None else SERVICE_CPU

    @property
    def fails(self) -> bool:
        """Whether any number is not to be published as it is (`--strict`)."""
        return any(verdict.consequence > Consequence.NOTE for verdict in self.verdicts)


def judge(run: Run) -> Judgement:
    """Compare, doubt, and rank what is left."""
    measured, compared = rows(run), comparisons(run)
    equalities = [(one, twins) for one in compared if (twins := equality(one, run.twin))]
    verdicts = [
        *(verdict for row in measured for check in OF_A_ROW for verdict in check(row)),
        *equal_work.verdicts(measured),
        *statistics.verdicts(measured, compared, equalities),
        *disturbances.verdicts(run),
    ]
    verdicts.sort(key=lambda verdict: -verdict.consequence)
    ranked = [row for row in measured if (_gravest(verdicts, row) or Consequence.NOTE) == Consequence.NOTE]
    return Judgement(run, measured, [_standing(run, one, ranked) for one in compared], verdicts)


def _standing(run: Run, comparison: Comparison, ranked: list[Row]) -> Standing:
    twin = run.twin and run.twin.name
    names = [
        row.variant
        for row in ranked
        if (row.scenario, row.service_hosts) == (comparison.scenario, comparison.service_hosts)
        and row.variant != twin
        and row.variant in comparison.level_by_block
    ]
    return Standing(
        comparison=comparison,
        ranks=ranks(names, comparison.pairs, more_is_better=comparison.measure.more_is_better),
        equality=equality(comparison, run.twin),
    )


def _gravest(verdicts: list[Verdict], row: Row) -> Consequence | None:
    return max(
        (
            verdict.consequence
            for verdict in verdicts
            if verdict.about.covers(row.scenario, row.service_hosts, row.variant)
        ),
        default=None,
    )
