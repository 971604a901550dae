"""Where two variants change places is found with an interval that holds as often as it says."""

import numpy as np
import pytest
from showdown.explain.crossing import crossing

LATENCIES = (0.0, 1.0, 2.0, 4.0, 8.0)


def ratios(
    logs: dict[float, float], *, blocks: int = 5, spread: float = 0.0, seed: int = 1
) -> dict[float, dict[int, float]]:
    """By latency and block; `spread`: the standard deviation of a block's logarithm."""
    random = np.random.default_rng(seed)
    return {
        latency: {block: log + float(random.normal(0, spread)) for block in range(1, blocks + 1)}
        for latency, log in logs.items()
    }


def straight(at: float) -> dict[float, float]:
    """A ratio that is 1 at this latency."""
    return {latency: 0.15 * (at - latency) for latency in LATENCIES}


@pytest.mark.parametrize("at", [0.5, 1.0, 1.7, 6.0])
def test_without_noise_it_is_where_the_ratio_is_1(at: float) -> None:
    found = crossing(ratios(straight(at)))
    assert found is not None
    assert found.latency_ms == pytest.approx(at)
    assert found.low_ms is not None
    assert found.high_ms is not None
    assert found.low_ms <= at <= found.high_ms
    assert found.high_ms - found.low_ms < 0.2


@pytest.mark.parametrize("sign", [1, -1])
def test_variants_that_do_not_change_places_have_none(sign: int) -> None:
    assert crossing(ratios({latency: sign * (1 + latency) for latency in LATENCIES}, spread=0.01)) is None


def test_where_no_difference_is_found_at_one_end_they_may_change_places_there() -> None:
    found = crossing(ratios({latency: -0.1 * latency for latency in LATENCIES}, spread=0.01, seed=3))
    assert found is not None
    assert found.low_ms is None
    assert found.high_ms == pytest.approx(0.2, abs=0.2)
    found = crossing(ratios({0.0: 0.5, 1.0: 0.3, 2.0: 0.2, 4.0: 0.0, 8.0: 0.001}, spread=0.01, seed=3))
    assert found is not None
    assert found.low_ms == pytest.approx(3.8, abs=0.4)
    assert found.high_ms is None


def test_without_any_difference_they_do_not_change_places() -> None:
    assert crossing({latency: {1: 0.01, 2: -0.02, 3: 0.03} for latency in LATENCIES}) is None


def test_one_block_tells_nothing_nor_does_nothing() -> None:
    assert crossing(ratios(straight(2), blocks=1)) is None
    assert crossing({}) is None
    assert crossing({0.0: {1: 0.5}, 1.0: {2: -0.5}}) is None


def test_only_blocks_with_all_latencies_count() -> None:
    known = ratios(straight(2))
    known[8.0].pop(3)
    known[1.0][3] = 99.0
    found = crossing(known)
    assert found is not None
    assert found.latency_ms == pytest.approx(2)


def test_an_end_beyond_what_was_measured_is_open() -> None:
    found = crossing(ratios(straight(0.1), spread=0.05))
    assert found is not None
    assert found.low_ms is None
    assert found.high_ms is not None
    found = crossing(ratios(straight(7.9), spread=0.05))
    assert found is not None
    assert found.high_ms is None


def test_of_a_hundred_intervals_95_hold() -> None:
    at, held, runs = 1.6, 0, 200
    for seed in range(runs):
        found = crossing(ratios(straight(at), spread=0.04, seed=seed))
        held += found is not None and (found.low_ms or 0) <= at <= (found.high_ms or LATENCIES[-1])
    # Four standard deviations of a binomial share.
    assert held / runs == pytest.approx(0.95, abs=0.06)
