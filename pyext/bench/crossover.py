"""Says from how many rows on a contender takes the least CPU time."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from bench.results import Results
from bench.rows import SIZES

# From a number of rows and a contender to the benchmarks whose times add up to its cost.
Benchmarks: TypeAlias = Callable[[int, str], Sequence[str]]


def crossover(results: Results, ours: str, others: Iterable[str], benchmarks: Benchmarks) -> str:
    """Compare with the best other at each size. To take the least, it must take less in every round."""
    names = list(others)
    best = {size: min(names, key=lambda name: results.median(*benchmarks(size, name))) for size in SIZES}
    ratios = {size: results.ratio(benchmarks(size, best[size]), benchmarks(size, ours)) for size in SIZES}
    figures = ", ".join(f"{ratios[size].median:.1f} × at {row_count(size)} ({best[size]})" for size in SIZES)
    not_least = [size for size in SIZES if ratios[size].lowest <= 1]
    return f"`{ours}` {_verdict(not_least)}. The best other takes {figures}."


def row_count(size: int) -> str:
    return "1 row" if size == 1 else f"{size:,} rows"


def _verdict(not_least: Sequence[int]) -> str:
    if not not_least:
        return "takes the least at every size measured"
    if not_least[-1] == SIZES[-1]:
        return f"does not take the least at {row_count(SIZES[-1])}"
    return f"takes the least from {row_count(SIZES[SIZES.index(not_least[-1]) + 1])} on"
