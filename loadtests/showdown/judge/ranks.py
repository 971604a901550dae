"""Which variants are established to be better than others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from showdown.judge.intervals import Estimate, moderated

Key = TypeVar("Key")
Pair = tuple[str, str]


@dataclass(frozen=True)
class Rank:
    """The place of one variant."""

    place: int
    """One more than there are variants that are established to be better: 1 is the best."""
    last: int
    """The last place that it may have: all but those that are established to be worse may be before it."""
    not_distinguishable: tuple[str, ...]
    """The variants to which no difference is established."""


def ranks(variants: Iterable[str], pairs: Mapping[Pair, Estimate], *, more_is_better: bool) -> dict[str, Rank]:
    """Of variants, by the ratio of the first to the second of each pair; a pair without a ratio is not established."""
    names = list(variants)
    before = {
        (first, second) if (pairs[first, second].log > 0) == more_is_better else (second, first)
        for first, second in established({pair: ratio for pair, ratio in pairs.items() if set(pair) <= set(names)})
    }
    return {name: _rank(name, names, before) for name in names}


def established(pairs: Mapping[Pair, Estimate], contenders: int | None = None) -> list[Pair]:
    """Pairs that differ: with the confidence of their intervals, none of them is a pair of equals.

    By moderated variances, corrected for the number of pairs; and never where a ratio's own interval has 1 in it.
    `contenders`: one more than there are independent pairs; as many as there are names, if not given, as if each were
    compared with each.
    """
    contenders = contenders or len({name for pair in pairs for name in pair})
    p_values = holm({pair: ratio.p_value for pair, ratio in moderated(pairs, contenders).items()})
    return [pair for pair, ratio in pairs.items() if p_values[pair] < ratio.significance and ratio.is_different]


def holm(p_values: Mapping[Key, float]) -> dict[Key, float]:
    """p-values for all comparisons together.

    S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
    It holds however the comparisons depend on each other.
    """
    keys = sorted(p_values, key=p_values.__getitem__)
    smallest_first = np.array([p_values[key] for key in keys])
    factors = np.arange(len(keys), 0, -1)
    adjusted = np.minimum(1, np.maximum.accumulate(smallest_first * factors)) if keys else smallest_first
    return dict(zip(keys, adjusted.tolist(), strict=True))


def _rank(name: str, names: list[str], before: set[Pair]) -> Rank:
    others = [other for other in names if other != name]
    better = sum((other, name) in before for other in others)
    worse = sum((name, other) in before for other in others)
    open_ = tuple(other for other in others if not {(other, name), (name, other)} & before)
    return Rank(place=1 + better, last=len(names) - worse, not_distinguishable=open_)
