"""A chain is planned as a run of all its variants."""

import pytest
from showdown.contract.contract import load_contract
from showdown.measure.again import plan_again
from showdown.measure.chain_plan import plan_chain
from showdown.measure.plan import RunPlan, new_run
from showdown.measure.results import Run
from showdown.stacks.stack import Description
from showdown_contract.errors import ShowdownError

NAME = "sync-to-async"


def planned(
    name: str = NAME,
    scenarios: str | None = None,
    size: int | None = None,
    *,
    both_ways: bool = False,
    profile: str | None = "smoke",
    latencies: list[float] | None = None,
) -> RunPlan:
    contract = load_contract()
    return plan_chain(name, scenarios, profile, size, 1, None, contract, both_ways=both_ways, latencies=latencies)


def test_all_its_variants_are_measured_and_compared_with_the_first() -> None:
    plan = planned("python-puzzle")
    assert plan.chain is not None
    assert plan.baseline == plan.chain.first == "starlette-2022"
    assert [*plan.variants] == [
        "starlette-2022",
        "python-puzzle.no-reset-at-release",
        "python-puzzle.no-reset-at-release-twin",
        "python-puzzle.no-set-time-zone",
        "python-puzzle.one-statement-for-nine",
        "python-puzzle.40-connections",
    ]
    assert plan.beside is None


def test_a_chain_beside_it_is_measured_in_the_same_run() -> None:
    plan = planned("rust-puzzle")
    assert plan.chain is not None
    assert plan.beside is not None
    assert (plan.baseline, plan.beside.first) == ("axum-2022", "starlette-2022")
    names = {name for name in plan.variants if plan.twin is None or name != plan.twin.name}
    assert names == {*plan.chain.variants(), *plan.beside.variants()}


def test_a_chain_says_at_which_latencies_and_how_much_is_measured() -> None:
    plan = planned("rust-puzzle", profile=None)
    assert plan.latency_ms == {f"recipe-detail-{latency}ms": latency for latency in (0, 1, 2, 4, 8)}
    assert (plan.profile_name, [*plan.scenarios]) == ("latency", [*plan.latency_ms])
    plan = planned("rust-puzzle", latencies=[3])
    assert (plan.profile_name, [*plan.scenarios]) == ("smoke", ["recipe-detail-3ms"])
    assert planned(profile=None).profile_name == "quick"


def test_both_ways_have_more_variants() -> None:
    one, both = planned(), planned(both_ways=True)
    assert one.chain is not None
    assert both.chain is not None
    assert one.chain.other_way == []
    assert sorted(step.name for step in both.chain.other_way) == sorted(step.name for step in both.chain.steps)
    assert one.variants.keys() < both.variants.keys()


def test_a_chain_says_under_which_scenarios_it_is_measured_and_of_which_size() -> None:
    plan = planned("serializers")
    assert [*plan.scenarios] == ["recipe-list-1", "recipe-list-10", "recipe-list", "recipe-list-500"]
    assert plan.size == 6000
    plan = planned("serializers", "recipe-list", 300)
    assert ([*plan.scenarios], plan.size) == (["recipe-list"], 300)


def test_an_unknown_chain_suggests_what_was_meant() -> None:
    with pytest.raises(ShowdownError, match="there is no chain 'sync-to-asinc': did you mean sync-to-async"):
        planned("sync-to-asinc")


def test_a_run_of_a_chain_is_planned_again_by_what_its_results_say(run: Run) -> None:
    plan = planned()
    before = new_run(plan, Description("local", run.machine, run.commit, {}, haproxy=True, pgbouncer=None), {}, {})
    again = plan_again(before, None, load_contract())
    assert (again.chain, again.baseline) == (plan.chain, plan.baseline)
    assert {name: variant.settings() for name, variant in again.variants.items()} == {
        name: variant.settings() for name, variant in plan.variants.items()
    }
