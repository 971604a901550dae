"""Doubts about the comparisons themselves."""

import pytest
from made_up_runs import SCENARIO, made_up_run
from showdown.judge.judgement import judge
from showdown.judge.verdicts.statistics import Drift, NoInterval, TooFewBlocks, TwinDiffers
from showdown.judge.verdicts.verdict import About, Consequence, Verdict, signed
from showdown.measure.results import Run


def doubts(run: Run) -> list[Verdict]:
    return judge(run).verdicts


def multiply(run: Run, factors: dict[int, float], *variants: str) -> None:
    """The speed of variants, by block."""
    for one in run.slices:
        if one.variant in variants:
            one.requests_per_second *= factors.get(one.block, 1.0)


def test_enough_blocks_that_agree_are_no_doubt() -> None:
    assert doubts(made_up_run({"a": 100.0, "b": 200.0}, twin_of="b")) == []


def test_one_block_has_no_interval() -> None:
    judgement = judge(made_up_run({"a": 100.0, "b": 200.0}, blocks=1))

    assert judgement.verdicts == [NoInterval(About(SCENARIO, 1, name), 1) for name in "ab"]
    assert judgement.standings[0].ranks == {}
    assert judgement.verdicts[0].seen == "it was measured beside the baseline in one block, and an interval needs two"


def test_blocks_without_the_baseline_do_not_count() -> None:
    run = made_up_run({"a": 100.0, "b": 200.0}, blocks=6)
    run.slices = [one for one in run.slices if one.variant == "b" or one.block == 1]

    assert NoInterval(About(SCENARIO, 1, "b"), 1) in doubts(run)


def test_three_blocks_are_few() -> None:
    found = TooFewBlocks(About(SCENARIO, 1, "b"), 3)

    assert found in doubts(made_up_run({"a": 100.0, "b": 200.0}, blocks=3))
    assert found.consequence == Consequence.NOTE


def test_a_machine_that_gets_slower_is_told() -> None:
    run = made_up_run({"a": 100.0, "b": 200.0}, blocks=6, spread=0.001)
    multiply(run, {5: 0.9, 6: 0.8}, "a", "b")

    (found,) = doubts(run)

    assert isinstance(found, Drift)
    assert found.about == About(SCENARIO, 1)
    assert found.change == pytest.approx(-0.2, abs=0.01)
    assert found.seen == "all variants together changed by −20% in req/s from the first block to the last"


def test_a_variant_that_gets_slower_than_the_others_is_told() -> None:
    run = made_up_run({"a": 100.0, "b": 200.0, "c": 150.0, "d": 120.0, "e": 110.0}, blocks=6, spread=0.001)
    multiply(run, {block: 0.95**block for block in range(1, 7)}, "b")

    found = [verdict for verdict in doubts(run) if verdict.about.variant == "b"]

    assert [type(verdict) for verdict in found] == [Drift]
    assert "its ratio to the baseline changed by −23% in req/s" in found[0].seen


def test_a_ratio_that_only_varies_is_no_drift() -> None:
    run = made_up_run({"a": 100.0, "b": 200.0, "c": 150.0, "d": 120.0, "e": 110.0}, blocks=6, spread=0.1)

    assert [verdict for verdict in doubts(run) if isinstance(verdict, Drift) and verdict.about.variant] == []


@pytest.mark.parametrize(("factor", "consequence"), [(1.02, Consequence.NOTE), (1.2, Consequence.UNRANKED)])
def test_a_twin_that_is_called_different_is_told(factor: float, consequence: Consequence) -> None:
    run = made_up_run({"a": 100.0, "b": 200.0}, twin_of="b")
    multiply(run, dict.fromkeys(range(1, 7), factor), "b-twin")

    (found,) = (verdict for verdict in doubts(run) if isinstance(verdict, TwinDiffers))

    assert found.about == About(SCENARIO, 1)
    assert found.consequence == consequence
    assert found.ratio == pytest.approx(factor, rel=0.03)
    assert f"differ by {signed(found.ratio - 1, 1)} in req/s (p = " in found.seen
