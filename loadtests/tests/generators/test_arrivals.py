"""Requests are due at their own times."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from showdown.generators.arrivals import Pattern, moments

PATTERNS: list[Pattern] = ["constant", "poisson"]


def test_at_a_constant_rate_all_are_as_far_apart() -> None:
    assert list(moments(100.0, 101.5, 4, "constant", "seed")) == [100, 100.25, 100.5, 100.75, 101, 101.25]


@given(st.integers(1, 1_000), st.integers(1, 5))
def test_processes_have_a_constant_rate_together(rate: int, processes: int) -> None:
    shares = [moments(0.0, 2.0, rate, "constant", "seed", (which, processes)) for which in range(processes)]
    together = sorted(moment for share in shares for moment in share)
    assert together == list(moments(0.0, 2.0, rate, "constant", "seed"))


def test_at_a_poisson_rate_they_come_by_chance() -> None:
    found = list(moments(0.0, 1_000.0, 50, "poisson", "seed"))
    assert len(found) == pytest.approx(50_000, rel=0.03)
    gaps = [after - before for before, after in pairwise(found)]
    assert min(gaps) > 0
    # Of exponential gaps as many are longer than the mean.
    assert sum(gap > 1 / 50 for gap in gaps) / len(gaps) == pytest.approx(0.368, abs=0.02)


def test_processes_have_a_poisson_rate_together_and_each_its_own_chance() -> None:
    first, second = (list(moments(0.0, 1_000.0, 50, "poisson", "seed", (which, 2))) for which in (0, 1))
    assert len(first) + len(second) == pytest.approx(50_000, rel=0.03)
    assert first != second


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_same_seed_has_the_same_moments(pattern: Pattern) -> None:
    once, again = (list(moments(7.0, 9.0, 100, pattern, "seed")) for _ in range(2))
    assert once == again
    assert all(7 <= moment < 9 for moment in once)
