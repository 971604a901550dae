"""A difference of times is found where there is one, and its interval holds it."""

from random import Random

import pytest
from enumeration import ALIKE, median_difference, told


def pairs(longer: float, seed: int, count: int = 1_000) -> list[tuple[float, float]]:
    """Times of around 500 µs, of which the first takes longer by so many µs."""
    random = Random(seed)  # noqa: S311 - times, not secrets
    return [(random.gauss(500 + longer, 20), random.gauss(500, 20)) for _ in range(count)]


@pytest.mark.parametrize("longer", [-10.0, 0.0, 10.0])
def test_the_interval_holds_the_true_difference_nearly_always(longer: float) -> None:
    intervals = [median_difference(pairs(longer, seed)) for seed in range(200)]
    held = sum(low <= longer <= high for _, low, high in intervals)
    assert 194 <= held <= 200
    assert all(low <= middle <= high for middle, low, high in intervals)


def test_a_difference_is_told_from_none() -> None:
    _, low, high = median_difference(pairs(10, 1))
    assert 0 < low < high < 20
    assert told([(501.0, 500.0)] * 20) == "+1.0 µs [+1.0; +1.0] of 501 µs, the first took longer in 100.0%"


def test_few_pairs_have_the_widest_interval() -> None:
    assert median_difference([(1.0, 0.0), (5.0, 0.0)]) == (3.0, 1.0, 5.0)


def test_each_question_has_its_control() -> None:
    questions = list(ALIKE.values())
    assert [first == second for first, second in questions] == [False, True, False, True]
    assert all(len(first[1]) == len(second[1]) for first, second in questions)
