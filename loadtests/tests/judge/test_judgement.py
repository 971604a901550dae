"""All that a report says of a run's worth."""

from made_up_runs import SCENARIO, made_up_ceiling, made_up_run
from showdown.judge.comparisons import SERVICE_CPU, THROUGHPUT
from showdown.judge.judgement import judge
from showdown.judge.verdicts.verdict import Consequence
from showdown.measure.results import Run


def test_variants_have_a_rank_by_each_measure() -> None:
    run = made_up_run({"slow": 100.0, "fast": 200.0, "equal": 201.0}, twin_of="fast")
    run.ceilings = [made_up_ceiling(block, 1, 900.0) for block in range(1, 7)]

    judgement = judge(run)

    assert not judgement.fails
    for measure in (THROUGHPUT, SERVICE_CPU):
        standing = judgement.standing(SCENARIO, 1, measure)
        assert standing is not None
        assert {name: rank.place for name, rank in standing.ranks.items()} == {"slow": 3, "fast": 1, "equal": 1}
        assert standing.equality is not None
        assert not standing.equality.called_different
    assert judgement.standing("unknown", 1, THROUGHPUT) is None


def test_equal_variants_share_one_rank() -> None:
    run = made_up_run(dict.fromkeys("abcdef", 100.0), spread=0.1)

    for standing in judge(run).standings:
        assert {rank.place for rank in standing.ranks.values()} == {1}


def test_a_row_that_fails_takes_no_place() -> None:
    run = made_up_run({"slow": 100.0, "fast": 200.0})
    for one in run.slices:
        if one.variant == "fast":
            one.failures, one.errors = {"wrong body": 1}, 1

    judgement = judge(run)

    slow, fast = judgement.rows
    assert judgement.consequence(slow) is None
    assert judgement.consequence(fast) == Consequence.REFUSED
    assert [verdict.label for verdict in judgement.about(fast)] == ["wrong bodies"]
    assert {name: rank.place for name, rank in judgement.standings[0].ranks.items()} == {"slow": 1}
    # It is compared still, so that a reader sees by how much.
    assert judgement.standings[0].comparison.to_baseline("fast") is not None


def test_the_gravest_doubts_come_first() -> None:
    run = made_up_run({"slow": 100.0, "fast": 200.0}, blocks=3)
    for one in run.slices:
        if one.variant == "fast":
            one.failures, one.errors = {"wrong body": 1}, 1

    found = [verdict.consequence for verdict in judge(run).verdicts]

    assert found == sorted(found, reverse=True)
    assert len(found) == 3


def test_a_run_without_slices_has_no_standing(run: Run) -> None:
    run.slices, run.ceilings = [], []

    judgement = judge(run)

    assert (judgement.rows, judgement.standings, judgement.verdicts) == ([], [], [])
