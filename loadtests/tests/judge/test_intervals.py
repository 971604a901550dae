"""Means over blocks, and what they may be off by."""

import math

import numpy as np
import pytest
from scipy import special, stats
from showdown.judge.intervals import Estimate, common_variance, estimate, moderated

RANDOM = np.random.default_rng(11)


def test_one_row_has_students_interval() -> None:
    means = [0.1, 0.2, 0.6, 0.3]

    found = estimate(means)

    assert found is not None
    low, high = stats.ttest_1samp(means, 0).confidence_interval()
    assert found.value == pytest.approx(math.exp(0.3))
    assert found.interval == pytest.approx((math.exp(low), math.exp(high)))
    assert found.p_value == pytest.approx(stats.ttest_1samp(means, 0).pvalue)


def test_one_block_has_no_interval() -> None:
    assert estimate([0.1]) is None
    assert estimate([]) is None


def own(block_means: list[float]) -> Estimate:
    found = estimate(block_means)
    assert found is not None
    return found


def test_a_comparison_alone_has_nothing_to_be_moderated_by() -> None:
    alone = {"a": own([0.1, 0.2, 0.6, 0.3])}

    assert moderated(alone, contenders=2) == alone
    assert moderated({}, contenders=2) == {}


def test_comparisons_that_vary_alike_share_what_they_know_of_it() -> None:
    comparisons = {number: own([0.0, 0.01, 0.02, 0.03 + number / 10_000]) for number in range(8)}

    for found in moderated(comparisons, contenders=9).values():
        assert found.standard_error == pytest.approx(stats.sem([0.0, 0.01, 0.02, 0.03]), rel=0.05)
        # Eight of them are independent, of three degrees of freedom each.
        assert found.degrees_of_freedom == 24


def test_a_variance_is_drawn_towards_the_others_by_as_much_as_these_agree() -> None:
    quiet = {number: own(RANDOM.normal(0, 0.01, 6).tolist()) for number in range(20)}
    wild = own([-0.5, 0.5, -0.4, 0.6, -0.6, 0.4])

    found = moderated(quiet | {99: wild}, contenders=21)[99]

    assert wild.standard_error / 2 < found.standard_error < wild.standard_error


def test_the_common_variance_is_found_again() -> None:
    # Variances that are themselves drawn around 4 with 10 degrees of freedom, each seen with 5.
    true = 4.0 * 10 / RANDOM.chisquare(10, 20_000)
    seen = true * RANDOM.chisquare(5, 20_000) / 5

    prior = common_variance(seen, [5] * len(seen))

    assert prior is not None
    assert prior.variance == pytest.approx(4.0, rel=0.05)
    assert prior.degrees_of_freedom == pytest.approx(10, rel=0.1)


def test_the_common_variance_is_smyths() -> None:
    variances, degrees = [0.5, 2.0, 1.0, 8.0, 0.1, 30.0], [3, 4, 3, 5, 3, 4]
    prior = common_variance(variances, degrees)

    assert prior is not None
    # His equations for both moments hold.
    halves = np.array(degrees) / 2
    logs = np.log(variances) - special.digamma(halves) + np.log(halves)
    half = prior.degrees_of_freedom / 2
    expected = math.log(prior.variance) - special.digamma(half) + math.log(half)
    assert np.mean(logs) == pytest.approx(expected)
    assert np.var(logs, ddof=1) == pytest.approx(np.mean(special.polygamma(1, halves)) + special.polygamma(1, half))


def test_what_never_varies_has_an_interval_of_no_width() -> None:
    same = {"a": own([0.5, 0.5, 0.5]), "b": own([0.0, 0.0, 0.0])}

    assert moderated(same, contenders=3) == same
    for found in same.values():
        assert found.interval == (found.value, found.value)
        assert found.p_value == (0.0 if found.log else 1.0)


def test_the_smallest_difference_is_found_four_times_of_five() -> None:
    error, blocks = 0.02, 6
    one = Estimate(0.0, error, blocks - 1, blocks)
    truth = math.log1p(one.smallest_found())

    runs = RANDOM.normal(truth, error * math.sqrt(blocks), (20_000, blocks))
    found = np.mean(stats.ttest_1samp(runs, 0, axis=1).pvalue < 0.05)

    assert 0.76 < found < 0.84


def test_half_the_width_is_a_share_of_the_value() -> None:
    wide = Estimate(math.log(2), 0.1, math.inf, 5)

    assert wide.interval[1] == pytest.approx(2 * (1 + wide.half_width))
