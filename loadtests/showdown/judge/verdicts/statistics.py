"""Doubts about the comparisons themselves."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from showdown.judge.comparisons import BlockMeans, Comparison
from showdown.judge.equality import Equality
from showdown.judge.intervals import Estimate
from showdown.judge.rows import Row
from showdown.judge.verdicts.verdict import About, Consequence, Verdict, signed

# With fewer, an interval is wide, and one unusual block makes it too narrow or far too wide.
FEWEST_BLOCKS = 4
# Of the machine's speed, and of a ratio, which should not change with it.
MOST_DRIFT, MOST_DRIFT_OF_RATIO = 0.10, 0.05
# How seldom chance alone may let one of a comparison's ratios seem to drift.
DRIFT_SIGNIFICANCE = 0.01
# Equal variants are called different in one of twenty comparisons, and in one of a thousand by this much.
TWIN_SUSPECT, TWIN_REFUTED = 0.05, 0.001


@dataclass(frozen=True)
class NoInterval(Verdict):
    """Nothing tells how far the number is from what another run would give."""

    label = "no interval"

    blocks: int

    @property
    def consequence(self) -> Consequence:
        return Consequence.UNRANKED

    @property
    def seen(self) -> str:
        where = "one block" if self.blocks else "no block"
        return f"it was measured beside the baseline in {where}, and an interval needs two"

    @property
    def advice(self) -> str:
        return "measure more blocks: --profile quick has enough"


@dataclass(frozen=True)
class TooFewBlocks(Verdict):
    """Its interval hangs on how a few blocks came out."""

    label = "few blocks"

    blocks: int

    @property
    def consequence(self) -> Consequence:
        return Consequence.NOTE

    @property
    def seen(self) -> str:
        return f"its interval is of {self.blocks} blocks only"

    @property
    def advice(self) -> str:
        return f"measure at least {FEWEST_BLOCKS} blocks, or find out why it lost some"


@dataclass(frozen=True)
class Drift(Verdict):
    """The first block and the last differ: of one row in its ratio to the baseline, of all in their speed."""

    label = "drift"

    measure: str
    change: float
    """Last ÷ first, less 1; of a ratio by the straight line through all blocks."""

    @property
    def consequence(self) -> Consequence:
        return Consequence.NOTE

    @property
    def seen(self) -> str:
        whose = "its ratio to the baseline" if self.about.variant else "all variants together"
        return f"{whose} changed by {signed(self.change)} in {self.measure} from the first block to the last"

    @property
    def advice(self) -> str:
        if self.about.variant:
            return "look at its blocks one by one: a cache that fills, a table that grows, a leak"
        return "trust ratios more than absolute numbers: the machine was not the same all the time"


@dataclass(frozen=True)
class TwinDiffers(Verdict):
    """The same variant under two names was called different."""

    label = "A/A differs"

    measure: str
    ratio: float
    p_value: float

    @property
    def consequence(self) -> Consequence:
        return Consequence.UNRANKED if self.p_value < TWIN_REFUTED else Consequence.NOTE

    @property
    def seen(self) -> str:
        return (
            f"a variant and its twin, which are the same, differ by {signed(self.ratio - 1, 1)} in {self.measure} "
            f"(p = {self.p_value:.2g})"
        )

    @property
    def advice(self) -> str:
        if self.p_value < TWIN_REFUTED:
            return "do not trust this run's differences: find out what differs between the two, and measure again"
        return "one run of twenty says so by chance: measure again before you cite a small difference"


def verdicts(
    rows: Sequence[Row], comparisons: Sequence[Comparison], equalities: Sequence[tuple[Comparison, Equality]]
) -> Iterator[Verdict]:
    """Of all comparisons of a run."""
    for row in rows:
        yield from _blocks(row)
    for comparison in comparisons:
        yield from _drift(comparison)
    for comparison, twins in equalities:
        p_value = twins.ratio.p_value
        if p_value < TWIN_SUSPECT:
            about = About(comparison.scenario, comparison.service_hosts)
            yield TwinDiffers(about, comparison.measure.title, twins.ratio.value, p_value)


def _blocks(row: Row) -> Iterator[Verdict]:
    baseline = row.run.compared_with
    laps = {(one.block, one.group, one.lap) for one in row.slices}
    beside = {
        (one.block, one.group, one.lap)
        for one in row.run.slices
        if (one.variant, one.scenario, one.service_hosts) == (baseline, row.scenario, row.service_hosts)
    }
    blocks = len({block for block, _, _ in laps & beside})
    if blocks < 2:  # noqa: PLR2004 - one block varies from nothing
        yield NoInterval(row.about, blocks)
    elif blocks < FEWEST_BLOCKS:
        yield TooFewBlocks(row.about, blocks)


def _drift(comparison: Comparison) -> Iterator[Verdict]:
    of_all = About(comparison.scenario, comparison.service_hosts)
    changes = [blocks[max(blocks)] - blocks[min(blocks)] for blocks in comparison.level_by_block.values()]
    change = math.expm1(sum(changes) / len(changes))
    if abs(change) > MOST_DRIFT:
        yield Drift(of_all, comparison.measure.title, change)
    others = [name for name in comparison.level_by_block if name != comparison.baseline]
    for name in others:
        blocks = comparison.ratio_by_block(name, comparison.baseline)
        if len(blocks) < FEWEST_BLOCKS:
            continue
        line = _slope(blocks)
        change = math.expm1(line.log * (max(blocks) - min(blocks)))
        if abs(change) > MOST_DRIFT_OF_RATIO and line.p_value < DRIFT_SIGNIFICANCE / len(others):
            about = About(comparison.scenario, comparison.service_hosts, name)
            yield Drift(about, comparison.measure.title, change)


def _slope(blocks: BlockMeans) -> Estimate:
    """How much the logarithm grows from block to block, by least squares."""
    (slope, _), covariance = np.polyfit(list(blocks), list(blocks.values()), 1, cov=True)
    return Estimate(float(slope), math.sqrt(max(0.0, covariance[0, 0])), len(blocks) - 2, len(blocks))
