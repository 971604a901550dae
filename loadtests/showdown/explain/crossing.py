"""The latency at which two variants change places."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from showdown.explain.explanation import Crossing
from showdown.judge.comparisons import BlockMeans
from showdown.judge.intervals import CONFIDENCE, FEWEST_BLOCKS, estimate

# Latencies that are looked at between two that were measured.
STEPS = 50


def crossing(ratios: Mapping[float, BlockMeans], confidence: float = CONFIDENCE) -> Crossing | None:
    """Where the ratio is 1; None where it is that nowhere, or too few blocks tell.

    `ratios`: by latency, the ratio's logarithms by block. Between two latencies they are taken to change in a straight
    line. The interval has all latencies next to each other at which the ratio's own interval includes 1 (Fieller's way
    for a quotient). So it holds for all crossings if the ratios' intervals hold, and has no end where it reaches the
    end of what was measured.
    """
    latencies = sorted(ratios)
    blocks = sorted(set.intersection(*(set(ratios[latency]) for latency in latencies))) if latencies else []
    if len(blocks) < FEWEST_BLOCKS:
        return None
    by_block = np.array([[ratios[latency][block] for latency in latencies] for block in blocks])
    looked_at = _between(latencies)
    of_blocks = np.array([np.interp(looked_at, latencies, values) for values in by_block])
    known = [estimate(values.tolist(), confidence) for values in of_blocks.T]
    is_one = [one is not None and not one.is_different for one in known]
    at = next(_zeros(latencies, by_block.mean(axis=0).tolist()), None)
    if at is not None:
        middle = int(np.searchsorted(looked_at, at))
    elif is_one[0] or is_one[-1]:
        # No difference was found at one end: there they may change places, or beyond it.
        middle = 0 if is_one[0] else len(looked_at) - 1
    else:
        return None
    first = next((number for number in range(middle - 1, -1, -1) if not is_one[number]), None)
    last = next((number for number in range(middle, len(looked_at)) if not is_one[number]), None)
    if first is None and last is None and at is None:
        return None
    return Crossing(
        latency_ms=at,
        low_ms=None if first is None else looked_at[first],
        high_ms=None if last is None else looked_at[last],
    )


def _zeros(latencies: Sequence[float], logs: Sequence[float]) -> Iterator[float]:
    """Where straight lines through these points change their sign."""
    for (left, before), (right, after) in pairwise(zip(latencies, logs, strict=True)):
        if before == 0 or before * after < 0:
            yield left + (right - left) * before / (before - after) if before != after else left


def _between(latencies: Sequence[float]) -> list[float]:
    found = [value for ends in pairwise(latencies) for value in np.linspace(*ends, STEPS, endpoint=False).tolist()]
    return [*found, latencies[-1]]
