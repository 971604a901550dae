"""A run is planned again by what its results say."""

import pytest
from made_up_runs import made_up_run
from showdown.contract.contract import load_contract
from showdown.measure.again import plan_again
from showdown.measure.plan import new_run, plan_run
from showdown.measure.rates import Capacity, Rate
from showdown.measure.results import Run
from showdown.stacks.stack import Description
from showdown_contract.errors import ShowdownError


@pytest.fixture
def before(run: Run) -> Run:
    """As it would be recorded of this checkout's own variants."""
    planned = plan_run("starlette,axum", "recipe-list", "smoke", "oha", 300, 7, None, load_contract())
    described = Description("local", run.machine, run.commit, {}, haproxy=True, pgbouncer=None)
    return new_run(planned, described, {}, {})


def test_the_plan_is_the_one_that_was_made(before: Run) -> None:
    plan = plan_again(before, None, load_contract())
    assert [*plan.variants] == ["starlette", "starlette-twin", "axum"]
    assert (plan.profile, plan.profile_name, [*plan.scenarios]) == (before.profile, "smoke", ["recipe-list"])
    assert (plan.generator, plan.size, plan.seed) == ("oha", 300, 7)
    assert (plan.baseline, plan.twin) == (before.baseline, before.twin)


def test_where_blocks_were_added_there_are_as_many_of_them(before: Run) -> None:
    before.until_half_width = 0.03
    before.profile.blocks = 9
    plan = plan_again(before, None, load_contract())
    assert (plan.until, plan.profile.blocks) == (None, 9)


def test_the_load_is_the_same(before: Run) -> None:
    capacity = Capacity(variant="axum", scenario="recipe-list", service_hosts=1, requests_per_second=1000)
    before.rate = Rate(percent_of_capacity=70, capacities=[capacity])
    # Though today it may have another capacity.
    assert plan_again(before, None, load_contract()).rate == before.rate


def test_latencies_are_the_same() -> None:
    contract = load_contract()
    planned = plan_run("starlette,axum", "mixed", "smoke", "locust", 300, 7, None, contract, latencies=[0, 2])
    described = Description("local", made_up_run({"a": 1.0}).machine, "0", {}, haproxy=True, pgbouncer=None)
    plan = plan_again(new_run(planned, described, {}, {}), None, contract)
    assert (plan.latency_ms, plan.scenarios) == (planned.latency_ms, planned.scenarios)
    assert [*plan.scenarios] == ["mixed-0ms", "mixed-2ms"]


def test_knobs_are_set_as_they_were(before: Run) -> None:
    before.variants["axum"].workers = 7
    before.variants["axum"].environment["SOMETHING"] = "1"
    plan = plan_again(before, None, load_contract())
    assert plan.variants["axum"].settings()["WORKERS"] == "7"
    assert plan.variants["axum"].settings()["SOMETHING"] == "1"
    # Where its commands are run is today's.
    assert plan.variants["axum"].folder == load_contract().contenders(None).all["axum"].folder


def test_a_variant_that_is_gone_is_named(before: Run) -> None:
    before.variants["gone"] = before.variants["axum"]
    with pytest.raises(ShowdownError, match="there is no variant 'gone'"):
        plan_again(before, None, load_contract())


def test_whose_postgres_it_was_is_asked_for(before: Run) -> None:
    with pytest.raises(ShowdownError, match="leave out --dsn"):
        plan_again(before, "postgresql://localhost/x", load_contract())
    before.external_postgres = True
    with pytest.raises(ShowdownError, match="name it with --dsn"):
        plan_again(before, None, load_contract())
