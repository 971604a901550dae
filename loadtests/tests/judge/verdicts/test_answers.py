"""Doubts about what a service answered."""

from made_up_runs import made_up_run
from showdown.judge.judgement import judge
from showdown.judge.rows import rows
from showdown.judge.verdicts.answers import Errors, WrongBodies, verdicts
from showdown.judge.verdicts.verdict import Consequence
from showdown.measure.results import Run


def failing(failures: dict[str, int]) -> Run:
    """Of 2,400 requests to b these fail, all in one slice."""
    run = made_up_run({"a": 100.0, "b": 100.0}, blocks=6, laps=2, spread=0)
    one = next(one for one in run.slices if one.variant == "b")
    one.failures, one.errors = failures, sum(failures.values())
    return run


def test_right_answers_give_no_doubt() -> None:
    assert [verdict for row in rows(failing({})) for verdict in verdicts(row)] == []


def test_a_few_errors_are_told() -> None:
    _, row = rows(failing({"status 503": 2, "no answer: timed out": 1}))

    (found,) = verdicts(row)

    assert found == Errors(row.about, 3, 2400, (("status 503", 2), ("no answer: timed out", 1)))
    assert found.consequence == Consequence.NOTE
    assert found.seen == "3 of 2,400 requests failed (2 × status 503, 1 × no answer: timed out)"


def test_more_than_one_error_in_a_hundred_costs_the_rank() -> None:
    run = failing({"status 503": 25})

    judgement = judge(run)

    assert judgement.fails
    assert [list(standing.ranks) for standing in judgement.standings] == [["a"], ["a"]]


def test_a_wrong_body_is_refused() -> None:
    _, row = rows(failing({"wrong body": 1}))

    (found,) = verdicts(row)

    assert found == WrongBodies(row.about, 1, 2400)
    assert found.consequence == Consequence.REFUSED
    assert "showdown verify --variants b" in found.advice


def test_wrong_bodies_among_other_errors_are_told_apart() -> None:
    _, row = rows(failing({"sampled: wrong body": 1, "status 503": 2}))

    assert list(verdicts(row)) == [WrongBodies(row.about, 1, 2400), Errors(row.about, 2, 2400, (("status 503", 2),))]
