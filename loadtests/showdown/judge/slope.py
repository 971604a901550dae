"""Slopes of straight lines, and the mean of several with its interval: they may be 0 or less, and have no logarithm."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from showdown.judge.intervals import margin


@dataclass(frozen=True)
class Slope:
    """The mean of the blocks' slopes, with Student's interval."""

    value: float
    low: float
    high: float


def mean_slope(of_blocks: Sequence[float], confidence: float) -> Slope:
    """Of two blocks or more: each is an observation of its own."""
    count, mean = len(of_blocks), float(np.mean(of_blocks))
    reach = margin(float(np.std(of_blocks, ddof=1)) / math.sqrt(count), count - 1, confidence)
    return Slope(mean, mean - reach, mean + reach)


def slope(x: ArrayLike, y: ArrayLike) -> float:
    """Of the least-squares line through these points; 0 where all have the same x."""
    along, up = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    off = along - along.mean()
    return float(off @ (up - up.mean())) / (float(off @ off) or math.inf)
