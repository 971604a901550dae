"""What a service keeps of its requests: how its memory, descriptors and connections grow.

In each block the service is new. A block's slope is that of the least-squares line through its slices, over the
requests that it was sent by the end of each; the interval is Student's for the mean of the blocks' slopes. Where there
are too few blocks and each is long, its consecutive parts take the place of blocks.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from showdown.judge.intervals import CONFIDENCE
from showdown.judge.rows import Row
from showdown.judge.slope import Slope, mean_slope, slope
from showdown.measure.results import Slice
from showdown.stacks.records import TierUsage

# Two blocks, or two slices in a block, say nothing about how much they vary.
FEWEST_BLOCKS, FEWEST_SLICES = 3, 2
# So many parts of a long block, and so many slices in each at least: neighbouring slices vary together.
PARTS, FEWEST_SLICES_OF_PART = 5, 4
REQUESTS = 1000


@dataclass(frozen=True)
class Growth(Slope):
    """For each 1,000 requests, in the unit of what grows, with its 95% interval."""

    grown: float
    """Within a block, from its first slice to its last: the mean over the blocks."""
    start: float
    """What the service holds before its first request, by the line: the mean over the blocks."""


def growth(row: Row, held: Callable[[TierUsage], float | None]) -> Growth | None:
    """`held`: what a slice's service held at most. None where too little is known."""
    sent = _sent(row)
    points: dict[int, list[tuple[int, float]]] = {}
    for one in row.slices:
        usage = one.tiers.get("service")
        if usage is not None and (seen := held(usage)) is not None:
            points.setdefault(one.block, []).append((sent[id(one)], seen))
    blocks = [np.array(of_block, dtype=float).T for of_block in points.values() if len(of_block) >= FEWEST_SLICES]
    parts = blocks if len(blocks) >= FEWEST_BLOCKS else [part for block in blocks for part in _parts(block)]
    if len(parts) < FEWEST_BLOCKS:
        return None
    mean = mean_slope([slope(requests / REQUESTS, seen) for requests, seen in parts], CONFIDENCE)
    grown = float(np.mean([mean.value * np.ptp(requests) / REQUESTS for requests, _ in blocks]))
    start = float(np.mean([seen.mean() - mean.value * requests.mean() / REQUESTS for requests, seen in blocks]))
    return Growth(mean.value, mean.low, mean.high, grown, start)


def _parts(block: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Consecutive parts of a long block; none of a short one."""
    slices = block.shape[1]
    return np.array_split(block, PARTS, axis=1) if slices >= PARTS * FEWEST_SLICES_OF_PART else []


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
