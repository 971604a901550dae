"""A contender's own value and its ratio to the baseline, as figures: also where one block tells no interval yet."""

import math
from statistics import fmean

from showdown.judge.comparisons import Comparison
from showdown.report.figures import Figure, figure


def level(compared: Comparison, name: str) -> Figure | None:
    """The mean over the blocks."""
    if name not in compared.level_by_block:
        return None
    if name in compared.levels:
        return figure(compared.levels[name])
    return Figure(math.exp(fmean(compared.level_by_block[name].values())))


def ratio(compared: Comparison, name: str) -> Figure | None:
    """The ratio to the baseline, of slices that stood side by side, so that drift cancels out."""
    if name == compared.baseline:
        return Figure(1.0)
    if known := compared.to_baseline(name):
        return figure(known)
    blocks = compared.ratio_by_block(name, compared.baseline)
    return Figure(math.exp(fmean(blocks.values()))) if blocks else None
