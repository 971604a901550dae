"""The law is found where it is true, and refused where it is not."""

import math

import numpy as np
import pytest
from showdown.sweep.usl import Law, NoLaw, fitted

NUMBERS = (1, 2, 4, 8, 16, 32)
TRUTH = (100.0, 0.08, 0.0006)


def throughput(number: float, one: float, contention: float, coherency: float) -> float:
    return one * number / (1 + contention * (number - 1) + coherency * number * (number - 1))


def measured(
    speeds: dict[int, float], *, blocks: int = 6, spread: float = 0.02, seed: int = 1
) -> dict[int, dict[int, float]]:
    """With noise of each slice, and of the whole machine in each block."""
    random = np.random.default_rng(seed)
    machine = random.normal(0, spread, blocks)
    return {
        number: {
            block: math.log(speed) + random.normal(0, spread) + machine[block - 1] for block in range(1, blocks + 1)
        }
        for number, speed in speeds.items()
    }


def of_law(*parameters: float, numbers: tuple[int, ...] = NUMBERS) -> dict[int, float]:
    return {number: throughput(number, *parameters) for number in numbers}


def test_without_noise_it_is_found_exactly() -> None:
    law = fitted(measured(of_law(*TRUTH), spread=0), 0.95)
    assert isinstance(law, Law)
    found = law.throughput_of_one.value, law.contention.value, law.coherency.value
    assert found == pytest.approx(TRUTH, rel=1e-3)
    assert law.peak == pytest.approx(math.sqrt((1 - 0.08) / 0.0006), rel=1e-3)
    assert law.at(64) == pytest.approx(throughput(64, *TRUTH), rel=1e-3)


@pytest.mark.parametrize(
    "parameters", [TRUTH, (2000.0, 0.0, 0.0), (50.0, 1.0, 0.0), (300.0, 0.3, 0.0), (10.0, 0.02, 0.01)]
)
def test_with_noise_it_is_close(parameters: tuple[float, float, float]) -> None:
    law = fitted(measured(of_law(*parameters)), 0.95)
    assert isinstance(law, Law)
    for number in NUMBERS:
        assert law.at(number) == pytest.approx(throughput(number, *parameters), rel=0.06)
    for figure in (law.throughput_of_one, law.contention, law.coherency):
        assert figure.low is not None
        assert figure.high is not None
        assert 0 <= figure.low <= figure.value <= figure.high
    assert law.contention.high is not None
    assert law.contention.high <= 1


def test_more_than_the_peak_are_slower_only_where_that_was_seen() -> None:
    peaked = fitted(measured(of_law(10.0, 0.02, 0.01)), 0.95)
    assert isinstance(peaked, Law)
    assert peaked.peak == pytest.approx(math.sqrt(0.98 / 0.01), rel=0.2)
    rising = fitted(measured(of_law(300.0, 0.3, 0.0)), 0.95)
    assert isinstance(rising, Law)
    assert rising.peak is None


def test_its_intervals_hold_in_about_19_of_20_cases() -> None:
    runs = 60
    held = 0
    for seed in range(runs):
        law = fitted(measured(of_law(*TRUTH), seed=seed), 0.95)
        assert isinstance(law, Law)
        assert law.contention.low is not None
        assert law.contention.high is not None
        held += law.contention.low <= TRUTH[1] <= law.contention.high
    assert held >= 0.85 * runs


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        # A step at 8, such as cores that are shared: no smooth curve goes through it.
        (measured({1: 100.0, 2: 200.0, 4: 400.0, 8: 150.0, 16: 390.0}, spread=0.005), "off what was measured"),
        # Faster than proportional.
        (measured({1: 10.0, 2: 40.0, 4: 160.0, 8: 640.0}, spread=0.005), "off what was measured"),
        (measured(of_law(*TRUTH, numbers=(1, 2, 4))), "3 points do not tell whether a law of three parameters fits"),
        (measured(of_law(*TRUTH), blocks=1), "too few blocks have all points"),
        ({1: {1: 1.0, 2: 1.0}, 2: {3: 1.0}, 4: {1: 1.0}, 8: {1: 1.0}}, "too few blocks have all points"),
    ],
)
def test_it_is_refused_with_the_reason(points: dict[int, dict[int, float]], reason: str) -> None:
    refused = fitted(points, 0.95)
    assert isinstance(refused, NoLaw)
    assert reason in refused.reason


def test_what_is_farthest_off_is_named() -> None:
    refused = fitted(measured({1: 100.0, 2: 200.0, 4: 400.0, 8: 150.0, 16: 390.0}, spread=0.005), 0.95)
    assert isinstance(refused, NoLaw)
    assert refused.reason.startswith("at 8 the best fit is ")


def test_noisy_points_may_be_farther_off() -> None:
    """Within their intervals."""
    assert isinstance(fitted(measured(of_law(*TRUTH), spread=0.15), 0.95), Law)
