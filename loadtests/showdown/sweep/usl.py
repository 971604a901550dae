"""The Universal Scalability Law: how throughput grows with the number of users, workers or connections.

N. J. Gunther, Guerrilla Capacity Planning (Springer 2007), chapters 4 to 6, in the form with the throughput of one:
X(N) = λN / (1 + σ(N − 1) + κN(N − 1)). λ is the throughput of one, σ the share of the work that only one can do at a
time (contention), κ what each pays to keep in step with each other (coherency): with it, more than √((1 − σ) / κ) are
slower.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from showdown.judge.comparisons import BlockMeans
from showdown.judge.intervals import FEWEST_BLOCKS, estimate, margin
from showdown.report.figures import Figure, percent

# It has three parameters: through three points it always fits.
FEWEST_POINTS = 4
# At every point the law is this close to what was measured, or within its interval. Otherwise it does not fit.
CLOSE = 0.05
FORMULA = "X(N) = λN / (1 + σ(N − 1) + κN(N − 1))"
CRITERION = (
    f"it fits where it is, at each of {FEWEST_POINTS} points or more, within {percent(CLOSE)} of what was measured or "
    "within its interval"
)
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Law:
    """What was fitted, each with the interval that leaving out one block after the other tells (jackknife)."""

    throughput_of_one: Figure
    contention: Figure
    coherency: Figure
    peak: float | None
    """The number beyond which more are slower; None where coherency may be 0."""

    def at(self, number: float) -> float:
        parameters = self.throughput_of_one.value, self.contention.value, self.coherency.value
        return float(math.exp(_log_law(np.array([number]), math.log(parameters[0]), *parameters[1:])[0]))


@dataclass(frozen=True)
class NoLaw:
    """Why it was refused."""

    reason: str


def fitted(points: Mapping[int, BlockMeans], confidence: float) -> Law | NoLaw:
    """`points`: by number, the logarithms of throughput by block."""
    if len(points) < FEWEST_POINTS:
        return NoLaw(f"{len(points)} points do not tell whether a law of three parameters fits")
    blocks = sorted(set.intersection(*(set(of) for of in points.values())))
    if len(blocks) < FEWEST_BLOCKS:
        return NoLaw("too few blocks have all points: nothing tells how far they may be off")
    numbers = np.array([float(number) for number in points])
    logs = np.array([[of[block] for of in points.values()] for block in blocks])
    try:
        best = _fit(numbers, logs.mean(axis=0))
        without = [_fit(numbers, np.delete(logs, left_out, axis=0).mean(axis=0)) for left_out in range(len(blocks))]
    except (RuntimeError, ValueError):
        return NoLaw("no best fit was found")
    if off := _farthest_off(points, numbers, _log_law(numbers, *best), confidence):
        return NoLaw(off)
    ends = [_interval(*each, confidence) for each in zip(best, zip(*without, strict=True), strict=True)]
    log_one, contention, coherency = best
    lowest_coherency = max(0.0, ends[2][0])
    return Law(
        Figure(math.exp(log_one), math.exp(ends[0][0]), math.exp(ends[0][1])),
        # Neither is less than 0, and there is no more than all that only one can do.
        Figure(contention, max(0.0, ends[1][0]), min(1.0, ends[1][1])),
        Figure(coherency, lowest_coherency, ends[2][1]),
        math.sqrt((1 - contention) / coherency) if lowest_coherency else None,
    )


def _log_law(numbers: Numbers, log_one: float, contention: float, coherency: float) -> Numbers:
    others = numbers - 1
    return log_one + np.log(numbers) - np.log1p(contention * others + coherency * numbers * others)


def _fit(numbers: Numbers, logs: Numbers) -> list[float]:
    """Least squares of logarithms, for what a point may be off by is a share of it. Raises RuntimeError."""
    # N / X(N) is linear in 1/λ, σ/λ and κ/λ: a first guess.
    others = numbers - 1
    shares = numbers / np.exp(logs)
    columns = np.column_stack([np.ones_like(numbers), others, numbers * others])
    (one, contention, coherency), _ = scipy.optimize.nnls(columns / shares[:, None], np.ones_like(numbers))
    if one > 0:
        guess = [-math.log(one), min(contention / one, 1.0), coherency / one]
    else:
        guess = [float(logs[0] - math.log(numbers[0])), 1.0, 0.0]
    found, _ = scipy.optimize.curve_fit(
        _log_law, numbers, logs, p0=guess, bounds=([-math.inf, 0, 0], [math.inf, 1, math.inf]), x_scale="jac"
    )
    return [float(value) for value in found]


def _farthest_off(points: Mapping[int, BlockMeans], numbers: Numbers, law: Numbers, confidence: float) -> str | None:
    """Where the law is neither close to what was measured nor within its interval; None where it fits."""
    off: list[tuple[float, str]] = []
    for number, log, of in zip(numbers, law, points.values(), strict=True):
        known = estimate(list(of.values()), confidence)
        assert known is not None  # noqa: S101 - it has as many blocks as the law needs
        low, high = known.interval
        away = math.expm1(abs(log - known.log))
        if away > CLOSE and not low <= math.exp(log) <= high:
            off.append((away, f"at {number:g} the best fit is {percent(away)} off what was measured"))
    return max(off)[1] if off else None


def _interval(value: float, without: Sequence[float], confidence: float) -> tuple[float, float]:
    """The jackknife over blocks: J. W. Tukey, Annals of Mathematical Statistics 29 (1958)."""
    count = len(without)
    error = float(np.std(without)) * math.sqrt(count - 1)
    reach = margin(error, count - 1, confidence)
    return value - reach, value + reach
