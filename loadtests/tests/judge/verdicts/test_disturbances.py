"""Doubts about the machine."""

import pytest
from made_up_runs import made_up_run
from showdown.judge.judgement import judge
from showdown.judge.verdicts.disturbances import StolenCpu, Swapped, Throttled, verdicts
from showdown.judge.verdicts.verdict import About, Consequence, Verdict
from showdown.measure.results import Run


@pytest.fixture
def run() -> Run:
    return made_up_run({"a": 100.0, "b": 200.0})


def test_a_machine_that_tells_nothing_is_no_doubt(run: Run) -> None:
    run.machine.steal_percent = None

    assert list(verdicts(run)) == []


@pytest.mark.parametrize(
    ("field", "value", "verdict", "consequence"),
    [
        ("steal_percent", 7.5, StolenCpu(About(), 7.5), Consequence.NOTE),
        ("swapped_mib", 20.0, Swapped(About(), 20.0), Consequence.NOTE),
        ("swapped_mib", 200.0, Swapped(About(), 200.0), Consequence.UNRANKED),
        ("throttled_percent", 2.0, Throttled(About(), 2.0), Consequence.NOTE),
        ("throttled_percent", 20.0, Throttled(About(), 20.0), Consequence.UNRANKED),
    ],
)
def test_what_disturbed_it_is_told(
    run: Run, field: str, value: float, verdict: Verdict, consequence: Consequence
) -> None:
    setattr(run.machine, field, value)

    assert list(verdicts(run)) == [verdict]
    assert verdict.consequence == consequence
    assert verdict.seen
    assert verdict.advice


def test_a_machine_that_cannot_be_trusted_ranks_nobody(run: Run) -> None:
    run.machine.swapped_mib = 200.0

    assert [standing.ranks for standing in judge(run).standings] == [{}, {}]
