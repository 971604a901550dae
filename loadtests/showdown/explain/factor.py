"""Figures with their intervals, from logarithms by block."""

import math
from statistics import fmean

from showdown.explain.explanation import Factor, Level
from showdown.judge.comparisons import BlockMeans, Comparison, confidence
from showdown.judge.intervals import estimate
from showdown.measure.results import Run


def factor_of(by_block: BlockMeans, run: Run) -> Factor | None:
    """None with too few blocks."""
    known = estimate(list(by_block.values()), confidence(run))
    if known is None:
        return None
    low, high = known.interval
    return Factor(value=known.value, low=low, high=high, is_different=known.is_different, blocks=known.blocks)


def level_of(variant: str, compared: Comparison) -> Level | None:
    """What a variant itself reached; None where that was not measured."""
    if variant not in compared.level_by_block:
        return None
    known = compared.levels.get(variant)
    if known is None:
        return Level(value=math.exp(fmean(compared.level_by_block[variant].values())))
    low, high = known.interval
    return Level(value=known.value, low=low, high=high)
