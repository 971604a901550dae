"""Planted work is found at the layer where it was planted, and as much of it."""

import pytest
from made_up_virtual import MICROSECONDS, NONE, made_up_virtual_run, name
from showdown.explain.explanation import Explanation, LayerFound, PlantedSlope
from showdown.explain.factors import explain
from showdown.judge.judgement import judge
from showdown.measure.results import Run


def explanation(run: Run) -> Explanation:
    found = explain(judge(run))
    assert found
    return found


def layers(run: Run) -> dict[str, LayerFound]:
    return {each.layer: each for each in explanation(run).virtual}


def slope(found: LayerFound) -> PlantedSlope:
    one = found.slopes["service_cpu_us_per_request"]
    assert one
    return one


def test_200_us_that_are_hidden_at_one_layer_are_found_there_and_nowhere_else() -> None:
    found = layers(made_up_virtual_run({"framework": 0.0, "driver": 1.0, "serializer": 0.0}))
    assert [layer for layer, each in found.items() if each.is_found] == ["driver"]
    driver = slope(found["driver"])
    assert driver.is_as_expected
    assert driver.low * 200 <= 200 <= driver.high * 200
    assert driver.high - driver.low < 0.2
    assert not slope(found["framework"]).is_as_expected
    assert found["driver"].microseconds == [0, *MICROSECONDS]


def test_what_is_done_by_half_is_found_and_is_not_as_much_as_was_planted() -> None:
    found = layers(made_up_virtual_run({"driver": 0.5}))["driver"]
    assert found.is_found
    assert not slope(found).is_as_expected
    assert slope(found).value == pytest.approx(0.5, abs=0.1)


def test_at_the_bottleneck_the_time_of_a_request_grows_as_well() -> None:
    found = layers(made_up_virtual_run({"driver": 1.0}))["driver"].slopes["us_per_request"]
    assert found
    assert (found.expected, found.is_as_expected) == (1, True)


def test_of_two_cores_one_does_the_work_while_the_other_answers() -> None:
    run = made_up_virtual_run({"driver": 1.0})
    for variant in run.variants.values():
        variant.workers = 2
    for one in run.slices:
        one.requests, one.requests_per_second = 2 * one.requests, 2 * one.requests_per_second
    found = layers(run)["driver"].slopes["us_per_request"]
    assert found
    assert (found.expected, found.is_as_expected) == (0.5, True)


def test_where_something_else_binds_throughput_does_not_change() -> None:
    run = made_up_virtual_run({"driver": 1.0})
    for one in run.slices:
        one.requests, one.requests_per_second = 1000, 500.0
    found = layers(run)["driver"].slopes["us_per_request"]
    assert found
    assert found.value == pytest.approx(0)
    assert (found.expected, found.is_as_expected) == (0, True)


def test_postgres_has_nothing_to_do_with_it() -> None:
    found = layers(made_up_virtual_run({"driver": 1.0}))["driver"].slopes["postgres_cpu_us_per_request"]
    assert found
    assert (found.expected, found.is_as_expected) == (0, True)


def test_a_lap_that_lacks_a_point_tells_nothing() -> None:
    run = made_up_virtual_run({"driver": 1.0}, spread=0)
    for one in run.slices:
        if (one.block, one.lap) == (1, 1):
            one.tiers["service"].cpu_us_per_request = 9_999.0
    run.slices = [one for one in run.slices if (one.block, one.lap, one.variant) != (1, 1, NONE)]
    assert slope(layers(run)["driver"]).value == pytest.approx(1)


def test_one_block_tells_nothing() -> None:
    found = layers(made_up_virtual_run({"driver": 1.0}, blocks=1))["driver"]
    assert set(found.slopes.values()) == {None}
    assert not found.is_found


def test_a_layer_with_a_variant_whose_numbers_are_refused_is_left_out() -> None:
    run = made_up_virtual_run({"framework": 1.0, "driver": 1.0})
    for one in run.slices:
        if one.variant == name("driver", 100):
            one.errors, one.failures = 1, {"wrong body": 1}
    assert list(layers(run)) == ["framework"]


def test_the_explanation_says_of_what_it_is() -> None:
    found = explanation(made_up_virtual_run({"driver": 1.0}))
    assert (found.chain, found.scenarios, found.over_latency) == ("virtual", [], [])
    assert found.description == "does work that is planted at a layer of service show there, and as much of it?"
