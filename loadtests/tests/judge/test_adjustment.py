"""CPU a request, adjusted for how fast the machine was in each slice."""

from collections.abc import Callable

import numpy as np
import pytest
from made_up_runs import SCENARIO, made_up_run, made_up_tier
from showdown.judge.comparisons import SERVICE_CPU, THROUGHPUT, compare
from showdown.judge.intervals import Estimate
from showdown.measure.rates import Rate
from showdown.measure.results import Run

RUNS = 200


def weathered(seed: int) -> Run:
    """At a rate; the second needs 1.05 × the CPU time of the first, and all tiers change their speed together."""
    run = made_up_run({"steady": 1000.0, "slow": 1000.0}, spread=0.0, laps=8)
    run.rate = Rate(requests_per_second=1000)
    run.profile.adjusted = True
    return in_weather(run, seed)


def in_weather(run: Run, seed: int) -> Run:
    """The same run on another day."""
    random = np.random.default_rng(seed)
    for one in run.slices:
        speed = random.normal(0, 0.08)

        def cost(of: float, share: float, speed: float = speed) -> float:
            return float(of * np.exp(share * speed + random.normal(0, 0.02)))

        one.tiers["service"] = made_up_tier(cost(420.0 if one.variant == "slow" else 400.0, 1.0))
        one.tiers["generator"] = made_up_tier(cost(30.0, 0.7))
        one.tiers["haproxy"] = made_up_tier(cost(60.0, 0.9))
    return run


def slow_to_steady(run: Run) -> Estimate:
    ratio = compare(run, SCENARIO, 1, SERVICE_CPU).ratio("slow", "steady")
    assert ratio is not None
    return ratio


def unadjusted(run: Run) -> Run:
    run.profile.adjusted = False
    return run


def test_a_small_difference_is_found_in_changing_weather() -> None:
    ratio = slow_to_steady(weathered(seed=1))
    assert ratio.is_different
    assert ratio.value == pytest.approx(1.05, abs=0.02)
    assert ratio.half_width < slow_to_steady(unadjusted(weathered(seed=1))).half_width / 2


def test_intervals_hold_as_often_as_they_promise() -> None:
    """The number of runs bounds the chance that 95% come out as less than 90% or more than 99%."""
    run = weathered(seed=1)
    ratios = [slow_to_steady(in_weather(run, seed)) for seed in range(RUNS)]
    held = sum(low <= 1.05 <= high for low, high in (ratio.interval for ratio in ratios)) / RUNS
    assert 0.90 <= held <= 0.99


def in_a_closed_loop(run: Run) -> None:
    run.rate = None


def at_a_share_of_each_capacity(run: Run) -> None:
    run.rate = Rate(percent_of_capacity=70)


def where_tiers_do_not_tell(run: Run) -> None:
    for one in run.slices:
        one.tiers["haproxy"].cpu_us_per_request = None


@pytest.mark.parametrize("change", [in_a_closed_loop, at_a_share_of_each_capacity, where_tiers_do_not_tell])
def test_else_ratios_are_as_measured(change: Callable[[Run], None]) -> None:
    run = weathered(seed=1)
    change(run)
    assert slow_to_steady(run) == slow_to_steady(unadjusted(weathered(seed=1)))


def test_a_slice_of_which_one_tier_is_unknown_is_left_out() -> None:
    run = weathered(seed=1)
    run.slices[0].tiers["haproxy"].cpu_us_per_request = None
    assert slow_to_steady(run).value == pytest.approx(1.05, abs=0.02)


def test_throughput_and_own_values_are_as_measured() -> None:
    run = weathered(seed=1)
    throughput, levels = compare(run, SCENARIO, 1, THROUGHPUT), compare(run, SCENARIO, 1, SERVICE_CPU).levels
    unadjusted(run)
    assert throughput == compare(run, SCENARIO, 1, THROUGHPUT)
    assert levels == compare(run, SCENARIO, 1, SERVICE_CPU).levels


def test_without_haproxy_the_generator_tells() -> None:
    run = weathered(seed=1)
    for one in run.slices:
        del one.tiers["haproxy"]
    assert slow_to_steady(run).is_different
