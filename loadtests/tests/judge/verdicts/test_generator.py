"""Doubts about the generator."""

import pytest
from made_up_runs import SCENARIO, made_up_run, made_up_tier
from made_up_sweeps import made_up_sweep
from showdown.generators.measurement import Arrivals
from showdown.judge.rows import Row, rows
from showdown.judge.verdicts.generator import (
    ArrivalsWaited,
    BusyGenerator,
    GeneratorNearCeiling,
    LittlesLaw,
    RateMissed,
    verdicts,
)
from showdown.judge.verdicts.verdict import Consequence
from showdown.measure.results import GeneratorCeiling, Run


@pytest.fixture
def run() -> Run:
    """Of a variant that answers 1,000 requests per second."""
    return made_up_run({"a": 1000.0}, spread=0)


def only(run: Run) -> Row:
    (row,) = rows(run)
    return row


def with_ceiling(run: Run, requests_per_second: float) -> Row:
    run.generator_ceiling = [GeneratorCeiling(scenario=SCENARIO, requests_per_second=requests_per_second)]
    return only(run)


def test_a_generator_far_from_its_ceiling_is_no_doubt(run: Run) -> None:
    assert list(verdicts(with_ceiling(run, 2000.0))) == []
    assert list(verdicts(only(run))) == []


@pytest.mark.parametrize(("ceiling", "consequence"), [(1250.0, Consequence.NOTE), (1100.0, Consequence.UNRANKED)])
def test_near_its_ceiling_it_may_be_what_was_measured(run: Run, ceiling: float, consequence: Consequence) -> None:
    row = with_ceiling(run, ceiling)

    (found,) = verdicts(row)

    assert found == GeneratorNearCeiling(row.about, 1000.0, ceiling)
    assert found.consequence == consequence
    assert found.seen.startswith("its 1,000 req/s are ")


@pytest.mark.parametrize(("cpu_us", "consequence"), [(900.0, Consequence.NOTE), (970.0, Consequence.UNRANKED)])
def test_without_a_ceiling_its_cpu_tells(run: Run, cpu_us: float, consequence: Consequence) -> None:
    for one in run.slices:
        one.tiers["generator"] = made_up_tier(cpu_us)

    (found,) = verdicts(only(run))

    assert isinstance(found, BusyGenerator)
    assert found.cores == pytest.approx(cpu_us / 1000)
    assert found.consequence == consequence


def test_oha_uses_all_cores(run: Run) -> None:
    run.generator = "oha"
    for one in run.slices:
        one.tiers["generator"] = made_up_tier(1500.0)

    assert list(verdicts(only(run))) == []


def test_a_rate_that_is_not_achieved_costs_the_rank(run: Run) -> None:
    for one in run.slices:
        one.asked_requests_per_second = 1100.0
    row = only(run)

    (found,) = verdicts(row)

    assert found == RateMissed(row.about, 1100.0, 1000.0)
    assert found.consequence == Consequence.UNRANKED


def test_a_rate_that_is_achieved_is_no_doubt(run: Run) -> None:
    for one in run.slices:
        one.asked_requests_per_second = 1010.0
    # Where arrivals wait for nobody, Little's law says nothing of users.
    run.profile.users = 500

    assert list(verdicts(only(run))) == []


def test_by_chance_fewer_may_be_due_than_on_average(run: Run) -> None:
    for one in run.slices:
        one.asked_requests_per_second, one.arrivals = 1100.0, Arrivals(due=one.requests)

    assert list(verdicts(only(run))) == []


def test_arrivals_without_an_answer_are_no_achieved_rate(run: Run) -> None:
    for one in run.slices:
        one.arrivals = Arrivals(due=one.requests + 100, waited=40, unanswered=100)
    row = only(run)

    missed, waited = verdicts(row)

    assert missed == RateMissed(row.about, 1050.0, 1000.0)
    slices = len(run.slices)
    assert waited == ArrivalsWaited(row.about, 2100 * slices, 40 * slices, 0, 100 * slices)


def test_arrivals_that_had_to_wait_are_told(run: Run) -> None:
    run.slices[0].arrivals = Arrivals(due=run.slices[0].requests, waited=3)
    for one in run.slices[1:]:
        one.arrivals = Arrivals(due=one.requests)

    (found,) = verdicts(only(run))

    assert found.consequence == Consequence.NOTE
    assert " 3 had to wait for a free user, 0 were sent more than a millisecond late" in found.seen
    assert found.advice.startswith("latencies count from when a request was due")


@pytest.mark.parametrize(("share", "is_told"), [(0.04, False), (0.06, True)])
def test_a_generator_that_sends_late_is_told(run: Run, share: float, is_told: bool) -> None:
    for one in run.slices:
        one.arrivals = Arrivals(due=one.requests, late=round(share * one.requests))

    found = list(verdicts(only(run)))

    assert [each.advice.startswith("the generator had too little time") for each in found] == [True] * is_told


@pytest.mark.parametrize(("users", "consequence"), [(55, Consequence.NOTE), (100, Consequence.UNRANKED)])
def test_users_that_are_not_within_requests_are_told(run: Run, users: int, consequence: Consequence) -> None:
    # 50 of them are, in each slice.
    run.profile.users = users

    (found,) = verdicts(only(run))

    assert isinstance(found, LittlesLaw)
    assert found.off == pytest.approx(50 / users - 1, abs=0.001)
    assert found.consequence == consequence
    assert "users spent time in the generator" in found.advice


def test_requests_of_another_time_are_told(run: Run) -> None:
    run.profile.users = 40

    (found,) = verdicts(only(run))

    assert "latencies were counted that do not belong" in found.advice


def test_slices_that_are_too_short_for_a_latency_are_told() -> None:
    # Half a second, in slices of two.
    run = made_up_run({"a": 100.0}, spread=0)
    run.profile.users = 60

    (found,) = verdicts(only(run))

    assert found.advice == "measure it in longer slices: latencies that reach beyond 2 s are not seen"


def test_each_service_host_has_its_users(run: Run) -> None:
    run.service_hosts = [2]
    for one in run.slices:
        one.service_hosts = 2
    run.profile.users = 25

    assert list(verdicts(only(run))) == []


def test_where_users_are_swept_each_point_has_its_own() -> None:
    for row in rows(made_up_sweep("users", {"a": {"1": 100.0, "64": 900.0}})):
        assert [*verdicts(row)] == []
