"""`run --until 3%`: whether what has been measured so far is precise enough."""

from showdown.judge.comparisons import comparisons
from showdown.measure.results import Run

# With fewer, intervals that are too narrow by chance are too frequent.
FEWEST_BLOCKS = 4


def widest(run: Run) -> float | None:
    """Half of the widest interval against the baseline, as a share of its ratio: 0.03 is 3%.

    Of all variants, scenarios and measures. None before there are enough blocks of each to tell.
    """
    halves = []
    for comparison in comparisons(run):
        for name in run.variants:
            if name == comparison.baseline or name not in comparison.level_by_block:
                continue
            ratio = comparison.to_baseline(name)
            if ratio is None or ratio.blocks < FEWEST_BLOCKS:
                return None
            halves.append(ratio.half_width)
    return max(halves, default=None)


def is_precise_enough(run: Run) -> bool:
    """Whether no more blocks are needed, for `run.until_half_width`. Asked after each block."""
    half_width = widest(run)
    return run.until_half_width is not None and half_width is not None and half_width <= run.until_half_width
