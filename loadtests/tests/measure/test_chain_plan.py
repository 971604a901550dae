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
    name: str = NAME, scenarios: str | None = None, size: int | None = None, *, both_ways: bool = False
) -> RunPlan:
    return plan_chain(name, scenarios, "smoke", size, 1, None, load_contract(), both_ways=both_ways)


def test_all_its_variants_are_measured_and_compared_with_the_first() -> None:
    plan = planned("rust-puzzle")
    assert plan.chain is not None
    assert plan.baseline == plan.chain.first == "axum-2022"
    assert [*plan.variants] == [
        "axum-2022",
        "rust-puzzle.no-ping-at-check-out",
        "rust-puzzle.no-ping-at-check-out-twin",
        "rust-puzzle.no-set-time-zone",
        "rust-puzzle.cached-statements",
        "rust-puzzle.one-statement-for-nine",
        "rust-puzzle.40-connections",
    ]


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
