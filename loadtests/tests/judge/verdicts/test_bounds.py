"""What bounds a row."""

import pytest
from made_up_runs import SCENARIO, made_up_ceiling, made_up_run, made_up_tier
from showdown.judge.rows import Row, rows
from showdown.judge.verdicts.bounds import MACHINE, DatabaseAtItsLimit, TierAtItsLimit, verdicts
from showdown.judge.verdicts.verdict import Consequence
from showdown.measure.rates import Rate
from showdown.measure.results import Run
from showdown.requests.upstream import Behaviour
from showdown.stacks.records import Host, TierName, Upstream


@pytest.fixture
def run() -> Run:
    """Of a variant that answers 1,000 requests per second: its service is busy on 1 core of 4, Postgres on 0.2."""
    return made_up_run({"a": 1000.0}, spread=0)


def only(run: Run) -> Row:
    (row,) = rows(run)
    return row


def using(run: Run, tier: TierName, cpu_us: float) -> Row:
    for one in run.slices:
        one.tiers[tier] = made_up_tier(cpu_us)
    return only(run)


def test_a_row_that_nothing_bounds_is_no_doubt(run: Run) -> None:
    assert list(verdicts(only(run))) == []


def test_a_service_uses_as_many_cores_as_it_has_workers(run: Run) -> None:
    row = using(run, "service", 1900.0)

    (found,) = verdicts(row)

    assert isinstance(found, TierAtItsLimit)
    assert (found.tier, found.of, found.consequence) == ("service", 2, Consequence.NOTE)
    assert found.seen == "service was busy on 1.90 of its 2 cores: this bounds the row"


@pytest.mark.parametrize("tier", ["haproxy", "pgbouncer", "upstream", "link"])
def test_some_tiers_have_one_thread(run: Run, tier: TierName) -> None:
    (found,) = verdicts(using(run, tier, 950.0))

    assert found.seen == f"{tier} was busy on 0.95 of its 1 cores: this bounds the row"


def test_all_tiers_of_one_machine_share_its_cores(run: Run) -> None:
    using(run, "service", 1900.0)
    row = using(run, "postgres", 2000.0)

    (found,) = verdicts(row)

    assert isinstance(found, TierAtItsLimit)
    assert found.tier == MACHINE
    assert [tier for tier, _ in found.most] == ["postgres", "service"]
    assert found.seen == (
        "the machine was busy on 3.93 of its 4 cores, postgres on 2.00, service on 1.90: this bounds the row"
    )


def test_in_a_cloud_a_tier_has_its_hosts_cores(run: Run) -> None:
    run.stack = "terraform"
    run.hosts = [Host(name="haproxy", tier="haproxy", size="s", usd_per_month=1.0, machine=run.machine)]
    row = using(run, "haproxy", 3800.0)

    (found,) = verdicts(row)

    assert isinstance(found, TierAtItsLimit)
    assert (found.tier, found.of) == ("haproxy", 4)


def test_nothing_is_faster_than_its_statement(run: Run) -> None:
    run.ceilings = [made_up_ceiling(1, 1, 1050.0)]
    row = only(run)

    assert list(verdicts(row)) == [DatabaseAtItsLimit(row.about, 1000.0, 1050.0)]

    run.ceilings = [made_up_ceiling(1, 1, 1200.0)]
    assert list(verdicts(row)) == []


def test_where_postgres_is_far_away_pgbench_waits_for_the_way_too(run: Run) -> None:
    run.ceilings, run.latency_ms = [made_up_ceiling(1, 1, 1050.0)], {SCENARIO: 4}
    assert list(verdicts(only(run))) == []


def calling(run: Run, calls: int) -> Row:
    """A row of 50 ms of latency; the slowest of its two calls takes 30 ms on average."""
    run.upstream = {SCENARIO: {"analysis": Behaviour(latency_ms=25, body_ms=5), "facts": Behaviour(latency_ms=2)}}
    for one in run.slices:
        one.upstream = Upstream(
            service_requests=one.requests,
            requests=calls * one.requests,
            cancelled=0,
            handshakes=0,
            resumed=0,
            connections_opened=0,
            connections_open=0,
        )
    return only(run)


def test_users_who_wait_for_the_upstream_bound_the_row(run: Run) -> None:
    (found,) = verdicts(calling(run, 2))

    assert found.label == "upstream-bound"
    assert found.seen == (
        "of 50 ms of mean latency it waited 30 for the upstream, so that its 50 users get 1,667 req/s at most"
    )


def test_where_some_requests_make_no_call_the_upstream_may_not_be_what_takes_the_time(run: Run) -> None:
    assert list(verdicts(calling(run, 1))) == []


def test_at_a_rate_nobody_waits_before_the_next_request(run: Run) -> None:
    run.rate = Rate(requests_per_second=100)
    assert list(verdicts(calling(run, 2))) == []
