"""Whether variants did the same work."""

import pytest
from made_up_runs import made_up_run
from made_up_sweeps import made_up_sweep
from showdown.judge.judgement import judge
from showdown.judge.rows import rows
from showdown.judge.verdicts.equal_work import UncountedWork, UnequalWork, verdicts
from showdown.judge.verdicts.verdict import Consequence
from showdown.measure.results import Run


@pytest.fixture
def run() -> Run:
    """Three variants that claim the same work, and one that does not."""
    run = made_up_run({"a": 100.0, "b": 100.0, "c": 100.0, "other": 100.0})
    for name in "abc":
        run.variants[name].claim = "one-statement"
    return run


def change(run: Run, variant: str, **work: float) -> None:
    for one in run.slices:
        if one.variant == variant and one.work:
            one.work = one.work.model_copy(update=work)


def test_equal_work_is_no_doubt(run: Run) -> None:
    # Requests that cross a slice's boundary.
    change(run, "b", statements_per_request=1.2)
    change(run, "other", statements_per_request=9.0)

    assert list(verdicts(rows(run))) == []


def test_one_slice_may_be_counted_wrongly(run: Run) -> None:
    for one in run.slices[:2]:
        assert one.work
        one.work.statements_per_request = 3.0

    assert list(verdicts(rows(run))) == []


def test_work_that_nobody_has_counted_is_told_once_and_costs_no_rank(run: Run) -> None:
    for one in run.slices:
        one.work = None

    (found,) = verdicts(rows(run))

    assert isinstance(found, UncountedWork)
    assert found.consequence == Consequence.NOTE
    assert found.about.variant is None


@pytest.mark.parametrize("what", ["statements", "rows"])
def test_other_statements_or_rows_cost_the_rank(run: Run, what: str) -> None:
    change(run, "b", **{f"{what}_per_request": 2.0})

    (found,) = verdicts(rows(run))

    assert isinstance(found, UnequalWork)
    assert (found.about.variant, found.own, found.others) == ("b", 2.0, 1.0)
    assert found.consequence == Consequence.UNRANKED
    assert found.seen == f"it had 2.00 {what} for each request, the others of claim one-statement 1.00"
    assert "b" not in judge(run).standings[0].ranks


def test_of_two_neither_is_right(run: Run) -> None:
    run.variants["c"].claim = None
    change(run, "b", statements_per_request=2.0)

    assert [verdict.about.variant for verdict in verdicts(rows(run))] == ["a", "b"]


def test_other_connections_are_told(run: Run) -> None:
    change(run, "b", peak_connections=5)

    (found,) = verdicts(rows(run))

    assert found.consequence == Consequence.NOTE
    assert found.seen == "it used 5 connections, the others of claim one-statement 18"


def test_one_connection_more_or_less_is_no_other_pool(run: Run) -> None:
    change(run, "b", peak_connections=17)

    assert list(verdicts(rows(run))) == []


def test_at_a_rate_a_service_uses_as_many_connections_as_it_needs(run: Run) -> None:
    change(run, "b", peak_connections=5)
    for one in run.slices:
        one.asked_requests_per_second = 50.0

    assert list(verdicts(rows(run))) == []


def test_points_of_a_sweep_may_differ_in_their_work() -> None:
    run = made_up_sweep("PLAN", {"a": {"x": 100.0, "y": 100.0}, "b": {"x": 100.0, "y": 100.0}})
    for variant in run.variants.values():
        variant.claim = "one-statement"
    for one in run.slices:
        assert one.work
        one.work.statements_per_request = 9.0 if one.variant.endswith("y") else 1.0
    assert [*verdicts(rows(run))] == []
    for one in run.slices:
        assert one.work
        one.work.statements_per_request = 9.0 if one.variant == "b.PLAN-y" else 1.0
    # Those of one point may not.
    assert {verdict.about.variant for verdict in verdicts(rows(run))} == {"a.PLAN-y", "b.PLAN-y"}
