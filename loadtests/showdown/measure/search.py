"""Searches the highest rate at which an objective is kept, where each look is disturbed by what else goes on.

Slices just below a service's capacity miss the objective now and then, and slices just above it keep it. So nothing is
halved: what each slice says changes how likely each capacity is, and the next slices go where the answer is thought to
be (R. Waeber, P. I. Frazier, S. G. Henderson, "Bisection search with noisy responses", SIAM Journal on Control and
Optimization 51, 2013; how steep the change is, is searched with it: L. L. Kontsevich, C. W. Tyler, Vision Research 39,
1999). Then the answer is measured again and again, and has to be kept.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

# What is thought possible, relative to the first guess; closer together than anybody measures.
LOWEST, HIGHEST, STEP = 0.02, 4.0, 0.0025
# Before anything is seen: a little below the guess, within a factor of two or so.
EXPECTED, SPREAD = 0.8, 0.3
# How far rates are from each other at which the objective is nearly always kept, and hardly ever: a few times this.
SLOPES = (0.003, 0.01, 0.03, 0.1)
# Slices that say the wrong thing at any rate.
LAPSES = 0.03
# The answer is the rate that keeps the objective in so many slices.
KEPT = 2 / 3
# From when on it is measured again: once it is known as well as this, or there were so many rounds.
PRECISE, ENOUGH_ROUNDS = 0.015, 5
SLICES = 8
MOST_ROUNDS = 8
# Of the slices at the answer, so many must keep the objective.
CONFIRMED = 1 / 2
ENDS = (0.025, 0.975)


@dataclass(frozen=True)
class Found:
    """The highest rate that keeps the objective, in requests per second."""

    requests_per_second: float
    low: float
    high: float
    """With a probability of 95% it is between these."""
    is_confirmed: bool
    """Whether the objective was kept when this rate was measured again."""


class Search:
    """Of one service. Ask for `next_rates`, tell what was `seen` at them, until it `is_over`."""

    def __init__(self, guess: float) -> None:
        """`guess`: about its capacity, in requests per second."""
        steps = np.arange(math.log(LOWEST), math.log(HIGHEST), STEP)
        self._capacities, self._slopes = np.meshgrid(math.log(guess) + steps, SLOPES, indexing="ij")
        self._weights = np.exp(-np.abs(self._capacities - math.log(guess * EXPECTED)) / SPREAD)
        self._rounds = 0
        self._was_kept = False
        self._confirming: float | None = None
        self._confirmed: float | None = None

    @property
    def is_over(self) -> bool:
        return self._confirmed is not None or self._rounds >= MOST_ROUNDS

    def next_rates(self) -> list[float]:
        """At which the next slices are to be measured: all at the answer, once that is known well enough."""
        low, answer, high = self._answer()
        if self._was_kept and (high / low <= (1 + PRECISE) ** 2 or self._rounds >= ENOUGH_ROUNDS):
            self._confirming = answer
            return [answer] * SLICES
        self._confirming = None
        shares = (np.arange(SLICES) + 0.5) / SLICES
        return self._quantiles(self._capacities, shares)

    def saw(self, outcomes: Sequence[tuple[float, bool]]) -> None:
        """At which rates there were slices, and whether each kept the objective."""
        self._rounds += 1
        for rate, kept in outcomes:
            likely = LAPSES + (1 - 2 * LAPSES) * scipy.special.expit((self._capacities - math.log(rate)) / self._slopes)
            self._weights *= likely if kept else 1 - likely
            self._weights /= self._weights.sum()
            self._was_kept |= kept
        if self._confirming and outcomes and sum(kept for _, kept in outcomes) >= CONFIRMED * len(outcomes):
            self._confirmed = self._confirming

    def found(self) -> Found | None:
        """None where the objective was never kept."""
        if not self._was_kept:
            return None
        low, answer, high = self._answer()
        answer = self._confirmed or answer
        return Found(answer, min(low, answer), max(high, answer), is_confirmed=self._confirmed is not None)

    def _answer(self) -> tuple[float, float, float]:
        low, middle, high = self._quantiles(
            self._capacities - self._slopes * scipy.special.logit(KEPT), (ENDS[0], 0.5, ENDS[1])
        )
        return low, middle, high

    def _quantiles(self, logs: NDArray[Any], shares: Any) -> list[float]:
        order = np.argsort(logs, axis=None)
        below = np.cumsum(self._weights.ravel()[order])
        places = np.searchsorted(below, np.asarray(shares) * below[-1])
        return [float(rate) for rate in np.exp(logs.ravel()[order][places])]
