"""Each step's factor is a ratio of what stood side by side."""

import pytest
from made_up_chains import made_up_alternatives, made_up_chain_both_ways, made_up_chain_run
from showdown.explain.explanation import Factor, MeasureName, ScenarioExplanation, found, not_found
from showdown.explain.factors import explain
from showdown.judge.judgement import judge
from showdown.measure.results import Run

CPU: MeasureName = "service_cpu_us_per_request"


def explained(run: Run) -> ScenarioExplanation:
    explanation = explain(judge(run))
    assert explanation is not None
    (scenario,) = explanation.scenarios
    return scenario


def holds(factor: Factor | None, truth: float) -> bool:
    return factor is not None and factor.low <= truth <= factor.high


def test_a_run_of_no_chain_explains_nothing(run: Run) -> None:
    assert explain(judge(run)) is None


def test_each_step_has_the_factor_that_is_true() -> None:
    scenario = explained(made_up_chain_run({"a": 100.0, "b": 400.0, "c": 600.0}))
    b, c = scenario.steps
    assert holds(b.factors["requests_per_second"], 4.0)
    assert holds(c.factors["requests_per_second"], 1.5)
    # A made-up service takes 1 / speed of CPU, and less of it is better.
    assert holds(b.factors[CPU], 4.0)
    assert holds(c.factors[CPU], 1.5)
    # Postgres does the same for each.
    postgres = b.factors["postgres_cpu_us_per_request"]
    assert postgres is not None
    assert not postgres.is_different
    assert scenario.levels["a"]["requests_per_second"].value == pytest.approx(100, rel=0.05)


def test_the_steps_multiply_to_the_whole() -> None:
    scenario = explained(made_up_chain_run({"a": 100.0, "b": 400.0, "c": 300.0, "d": 900.0}))
    for whole in scenario.whole.values():
        assert whole.factor is not None
        assert whole.is_product_inside
        assert whole.product == pytest.approx(whole.factor.value, rel=0.01)


def test_what_changes_nothing_is_told_apart_from_what_does() -> None:
    scenario = explained(made_up_chain_run({"a": 100.0, "b": 150.0, "c": 150.0, "d": 600.0, "e": 300.0}))
    # The largest first; what costs something is found, too.
    assert [name for name, _ in found(scenario.steps, "requests_per_second")] == ["to d", "to b", "to e"]
    assert not_found(scenario.steps, "requests_per_second") == ["to c"]


def test_with_one_block_no_factor_is_known() -> None:
    scenario = explained(made_up_chain_run({"a": 100.0, "b": 400.0}, blocks=1))
    assert scenario.steps[0].factors["requests_per_second"] is None
    assert scenario.whole["requests_per_second"].factor is None
    assert scenario.whole["requests_per_second"].product is None
    # What was reached is known, without an interval.
    level = scenario.levels["a"]["requests_per_second"]
    assert level.value == pytest.approx(100, rel=0.05)
    assert level.low is None


def test_a_variant_that_has_lost_all_its_blocks_leaves_the_other_steps() -> None:
    run = made_up_chain_run({"a": 100.0, "b": 400.0, "c": 600.0, "d": 1200.0})
    run.slices = [each for each in run.slices if each.variant != "b"]
    scenario = explained(run)
    first, second, third = (each.factors["requests_per_second"] for each in scenario.steps)
    assert (first, second) == (None, None)
    assert holds(third, 2.0)
    assert holds(scenario.whole["requests_per_second"].factor, 12.0)
    assert scenario.whole["requests_per_second"].product is None


def test_numbers_that_are_refused_make_no_factor() -> None:
    run = made_up_chain_run({"a": 100.0, "b": 400.0, "c": 600.0})
    for each in run.slices:
        if each.variant == "b":
            each.errors, each.failures = 1, {"wrong body": 1}
    scenario = explained(run)
    assert [each.factors["requests_per_second"] for each in scenario.steps] == [None, None]
    assert scenario.levels["b"] == {}
    assert scenario.whole["requests_per_second"].factor is not None


def test_alternatives_have_no_whole() -> None:
    scenario = explained(made_up_alternatives({"a": 100.0, "b": 200.0, "c": 300.0}))
    b, c = (each.factors["requests_per_second"] for each in scenario.steps)
    assert holds(b, 2.0)
    assert holds(c, 3.0)
    assert scenario.whole == {}


@pytest.mark.parametrize("interaction", [1.0, 1.5])
def test_interaction_is_what_a_step_changes_more_from_the_other_end(interaction: float) -> None:
    scenario = explained(made_up_chain_both_ways(interaction=interaction))
    b, c = scenario.both_ways
    assert (b.name, c.name) == ("b", "c")
    # c is 3 × when b has not been made yet, and b then 2 × times the interaction.
    assert holds(c.other_way["requests_per_second"], 3.0)
    assert holds(b.other_way["requests_per_second"], 2.0 * interaction)
    assert holds(b.interaction["requests_per_second"], interaction)
    assert holds(c.interaction["requests_per_second"], 1 / interaction)
    found = b.interaction["requests_per_second"]
    assert found is not None
    assert found.is_different == (interaction != 1)
