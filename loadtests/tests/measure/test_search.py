"""A server of known capacity is found, though slices are disturbed."""

from collections.abc import Callable

import numpy as np
import pytest
from showdown.measure.search import MOST_ROUNDS, SLICES, Search

CAPACITY = 1_000.0
Kept = Callable[[float], bool]


def server(seed: int, noise: float, lapses: float = 0.0) -> Kept:
    """Keeps its objective up to its capacity, which varies from slice to slice; some slices say anything."""
    random = np.random.default_rng(seed)

    def kept(rate: float) -> bool:
        if random.random() < lapses:
            return bool(random.random() < 0.5)
        return bool(rate < CAPACITY * np.exp(random.normal(0, noise)))

    return kept


def searched(guess: float, kept: Kept) -> Search:
    search = Search(guess)
    while not search.is_over:
        search.saw([(rate, kept(rate)) for rate in search.next_rates()])
    return search


@pytest.mark.parametrize("guess", [400.0, 700.0, 1_000.0, 1_400.0, 5_000.0])
def test_without_noise_it_is_found_whatever_the_guess(guess: float) -> None:
    found = searched(guess, server(1, noise=0)).found()
    assert found
    assert found.requests_per_second == pytest.approx(CAPACITY, rel=0.015)
    assert found.is_confirmed


@pytest.mark.parametrize(("noise", "lapses"), [(0.01, 0.0), (0.02, 0.0), (0.02, 0.03)])
def test_with_noise_it_is_found_within_three_percent(noise: float, lapses: float) -> None:
    runs = [searched(1_100.0, server(seed, noise, lapses)).found() for seed in range(100)]
    assert all(runs)
    far = [run for run in runs if run and abs(run.requests_per_second / CAPACITY - 1) > 0.03]
    assert len(far) <= 3
    assert sum(run.is_confirmed for run in runs if run) >= 95


def test_its_interval_holds_the_rate_that_is_kept_in_two_of_three_slices() -> None:
    noise = 0.02
    # Two thirds of a normal distribution are above this.
    truth = CAPACITY * np.exp(-0.4307 * noise)
    runs = [searched(900.0, server(seed, noise)).found() for seed in range(100)]
    assert sum(run.low <= truth <= run.high for run in runs if run) >= 90


def test_much_noise_makes_a_wide_interval_and_no_false_promise() -> None:
    runs = [searched(1_000.0, server(seed, noise=0.2)).found() for seed in range(20)]
    widths = [run.high / run.low for run in runs if run]
    assert np.median(widths) > 1.1


def test_a_server_that_never_keeps_it_has_no_capacity() -> None:
    search = searched(1_000.0, lambda _: False)
    assert search.found() is None


def test_an_answer_that_is_not_kept_again_is_not_confirmed() -> None:
    search = Search(1_000.0)
    rounds = 0
    while not search.is_over:
        rates = search.next_rates()
        confirming = len(set(rates)) == 1
        search.saw([(rate, not confirming and rate < CAPACITY) for rate in rates])
        rounds += 1
    assert rounds == MOST_ROUNDS
    found = search.found()
    assert found
    assert not found.is_confirmed
    assert found.low <= found.requests_per_second <= found.high


def test_what_was_not_measured_says_nothing() -> None:
    search = Search(1_000.0)
    before = search.next_rates()
    assert len(before) == SLICES
    search.saw([])
    assert search.next_rates() == before
