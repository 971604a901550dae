"""What a service keeps of its requests: how its memory, descriptors and connections grow.

In each block the service is new. A block's slope is that of the least-squares line through its slices, over the
requests that it was sent by the end of each; the interval is Student's for the mean of the blocks' slopes.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from showdown.judge.intervals import CONFIDENCE
from showdown.judge.rows import Row
from showdown.measure.results import Slice
from showdown.stacks.records import TierUsage

# Two blocks, or two slices in a block, say nothing about how much they vary.
FEWEST_BLOCKS, FEWEST_SLICES = 3, 2
REQUESTS = 1000


@dataclass(frozen=True)
class Slope:
    """Growth for each 1,000 requests, in the unit of what grows, with its 95% interval."""

    value: float
    low: float
    high: float
    grown: float
    """Within a block, from its first slice to its last: the mean over the blocks."""


def growth(row: Row, held: Callable[[TierUsage], float | None]) -> Slope | None:
    """`held`: what a slice's service held at most. None where too little is known."""
    sent = _sent(row)
    points: dict[int, list[tuple[int, float]]] = {}
    for one in row.slices:
        usage = one.tiers.get("service")
        if usage is not None and (seen := held(usage)) is not None:
            points.setdefault(one.block, []).append((sent[id(one)], seen))
    blocks = [np.array(of_block, dtype=float).T for of_block in points.values() if len(of_block) >= FEWEST_SLICES]
    if len(blocks) < FEWEST_BLOCKS:
        return None
    slopes = [_slope(requests, seen) for requests, seen in blocks]
    grown = [slope * float(np.ptp(requests)) / REQUESTS for slope, (requests, _) in zip(slopes, blocks, strict=True)]
    mean = float(np.mean(slopes))
    error = float(np.std(slopes, ddof=1)) / math.sqrt(len(slopes))
    margin = float(special.stdtrit(len(slopes) - 1, (1 + CONFIDENCE) / 2)) * error
    return Slope(mean, mean - margin, mean + margin, float(np.mean(grown)))


def _sent(row: Row) -> dict[int, int]:
    """By a slice's id: how many requests its service had been sent by its end, under whatever scenario."""
    counts: dict[int, int] = {}
    so_far: dict[int, int] = {}
    same = (one for one in row.run.slices if (one.variant, one.service_hosts) == (row.variant, row.service_hosts))
    for one in sorted(same, key=lambda one: one.started_at):
        so_far[one.block] = so_far.get(one.block, 0) + _requests(one)
        counts[id(one)] = so_far[one.block]
    return counts


def _requests(one: Slice) -> int:
    """Those outside of the measured seconds included, where somebody counted them."""
    if one.upstream is not None:
        return one.upstream.service_requests
    return max(one.requests, one.proxy.responses) if one.proxy is not None else one.requests


def _slope(requests: NDArray[np.float64], held: NDArray[np.float64]) -> float:
    off = requests - requests.mean()
    return REQUESTS * float(off @ (held - held.mean())) / (float(off @ off) or math.inf)
