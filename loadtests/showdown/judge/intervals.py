"""Means of logarithms over blocks, with what they may be off by.

A block is a cluster: its slices share one start of every variant, so only its mean counts as an observation of its
own, and the interval is Student's for as many observations as there are blocks.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import scipy
from numpy.typing import ArrayLike

CONFIDENCE = 0.95
# Of a run that is stopped when its intervals are narrow enough: those that are too narrow by chance stop it, so that
# such intervals have to be wider to hold in 95% of all runs (docs/methodology.md).
CONFIDENCE_OF_STOPPED = 0.975
# With fewer, the variation between blocks is unknown.
FEWEST_BLOCKS = 2
# Of the median variance: less is chance, or made-up numbers (limma's choice).
LEAST_VARIANCE = 1e-5

Key = TypeVar("Key")


@dataclass(frozen=True)
class Estimate:
    """A positive number, such as a ratio or a throughput, known by its logarithm."""

    log: float
    standard_error: float
    """The standard error of the logarithm."""
    degrees_of_freedom: float
    blocks: int
    confidence: float = CONFIDENCE
    """The confidence of its interval and of the difference that it establishes."""

    @property
    def value(self) -> float:
        return math.exp(self.log)

    @property
    def interval(self) -> tuple[float, float]:
        """The lowest and the highest value that it may have."""
        return math.exp(self.log - self._margin), math.exp(self.log + self._margin)

    @property
    def half_width(self) -> float:
        """How far the interval reaches, as a share of the value: 0.03 is 3%. It reaches a little less far down."""
        return math.expm1(self._margin)

    @property
    def p_value(self) -> float:
        """How often chance alone gives a ratio as far from 1, two-sided."""
        if self.standard_error == 0:
            return 1.0 if self.log == 0 else 0.0
        return float(2 * scipy.special.stdtr(self.degrees_of_freedom, -abs(self.log) / self.standard_error))

    @property
    def is_different(self) -> bool:
        """Whether a ratio of 1 is outside its interval."""
        return self.p_value < self.significance

    @property
    def significance(self) -> float:
        """How often equals may be called different."""
        return 1 - self.confidence

    def smallest_found(self, power: float = 0.8) -> float:
        """The smallest difference from 1, as a share, that would have been established this often.

        H. S. Bloom, "Minimum detectable effects", Evaluation Review 19 (1995): the standard error times the sum
        of two quantiles.
        """
        return math.expm1(self._margin + self._quantile(power) * self.standard_error)

    @property
    def _margin(self) -> float:
        return margin(self.standard_error, self.degrees_of_freedom, self.confidence)

    def _quantile(self, probability: float) -> float:
        return quantile(self.degrees_of_freedom, probability)


def quantile(degrees_of_freedom: float, probability: float) -> float:
    """A quantile of Student's distribution. scipy.stats has it, too, but takes a second to import."""
    return float(scipy.special.stdtrit(degrees_of_freedom, probability))


def margin(standard_error: float, degrees_of_freedom: float, confidence: float) -> float:
    """How far Student's interval reaches to either side."""
    return quantile(degrees_of_freedom, (1 + confidence) / 2) * standard_error


def estimate(block_means: Sequence[float], confidence: float = CONFIDENCE) -> Estimate | None:
    """Of one row alone: Student's interval for the mean. None with fewer than two blocks."""
    blocks = len(block_means)
    if blocks < FEWEST_BLOCKS:
        return None
    values = np.asarray(block_means)
    return Estimate(float(values.mean()), float(values.std(ddof=1)) / math.sqrt(blocks), blocks - 1, blocks, confidence)


def moderated(estimates: Mapping[Key, Estimate], contenders: int) -> dict[Key, Estimate]:
    """The same comparisons, each with a variance that is drawn towards what all have in common.

    G. K. Smyth, "Linear models and empirical Bayes methods for assessing differential expression in microarray
    experiments", Statistical Applications in Genetics and Molecular Biology 3 (2004), sections 3 to 6.2: few blocks
    tell little of how much they vary, and many comparisons more. What is promised holds for all comparisons between
    so many contenders together, and not for one that varies more than the others.
    """
    if not estimates:
        return {}
    variances = [one.standard_error**2 * one.blocks for one in estimates.values()]
    degrees = [one.degrees_of_freedom for one in estimates.values()]
    prior = common_variance(variances, degrees)
    if prior is None:
        return dict(estimates)
    # Of all comparisons only as many are independent as there are contenders but one.
    most = max(degrees) * max(1, contenders - 1)
    return {key: _moderated(one, prior, most) for key, one in estimates.items()}


@dataclass(frozen=True)
class Prior:
    """What the variances of a table have in common."""

    variance: float
    degrees_of_freedom: float
    """How many observations the common variance is worth; infinite if all variances agree."""


def common_variance(variances: ArrayLike, degrees: ArrayLike) -> Prior | None:
    """Smyth's fit to the logarithms of variances; None where there is nothing to fit."""
    observed, halves = np.asarray(variances, dtype=float), np.asarray(degrees, dtype=float) / 2
    if len(observed) < 2 or not (middle := float(np.median(observed))):  # noqa: PLR2004 - one varies from nothing
        return None
    logs = np.log(np.maximum(observed, LEAST_VARIANCE * middle)) - scipy.special.digamma(halves) + np.log(halves)
    spread = float(np.var(logs, ddof=1) - np.mean(scipy.special.polygamma(1, halves)))
    if spread <= 0:
        return Prior(float(np.average(observed, weights=halves)), math.inf)
    half = _trigamma_inverse(spread)
    variance = math.exp(float(np.mean(logs)) + float(scipy.special.digamma(half)) - math.log(half))
    return Prior(variance, 2 * half)


def _moderated(own: Estimate, prior: Prior, most_degrees: float) -> Estimate:
    degrees = own.degrees_of_freedom
    if math.isinf(prior.degrees_of_freedom):
        variance, total = prior.variance, most_degrees
    else:
        own_variance = own.standard_error**2 * own.blocks
        total = prior.degrees_of_freedom + degrees
        variance = (prior.degrees_of_freedom * prior.variance + degrees * own_variance) / total
    return replace(own, standard_error=math.sqrt(variance / own.blocks), degrees_of_freedom=min(total, most_degrees))


def _trigamma_inverse(value: float) -> float:
    """Trigamma falls from infinity at 0 to 0 at infinity, between 1/x and 1/x + 1/x²."""
    lowest, highest = 1 / value, 1 / value + 1 / math.sqrt(value) + 1
    return float(scipy.optimize.brentq(lambda half: float(scipy.special.polygamma(1, half)) - value, lowest, highest))
