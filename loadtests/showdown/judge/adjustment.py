"""CPU a request, adjusted for how fast the machine was in each slice.

On a shared machine a tier's CPU time per request changes from one second to the next, for all tiers alike. Where
requests arrive at one rate, the generator and haproxy do the same work at the same moments whichever variant answers:
what a slice's requests cost them says how fast the machine was, and not who answered. So it is a covariate: A. Deng,
Y. Xu, R. Kohavi, T. Walker, "Improving the sensitivity of online controlled experiments by utilizing pre-experiment
data", WSDM 2013, section 3. In a closed loop it is none: a faster variant has more requests under way at a time, which
are cheaper for haproxy.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from showdown.measure.results import Ceiling, Run, Slice
from showdown.stacks.records import TierName

UNCONCERNED: tuple[TierName, ...] = ("generator", "haproxy")
"""Tiers that do the same work for every variant."""

Lap = tuple[int, int, int]
"""Block, group and lap: slices that have the same stood side by side."""
Laps = Mapping[str, Mapping[Lap, float]]
"""By variant and lap, a logarithm."""


def is_adjusted(run: Run) -> bool:
    """Whether the run's profile asks for it, at a rate that is the same for all variants."""
    return run.profile.adjusted and run.rate is not None and run.rate.requests_per_second is not None


def adjusted(laps: Laps, slices: Iterable[Slice]) -> Laps:
    """The same logarithms, less what covariates explain of how they vary among laps: ordinary least squares.

    `slices`: those that the logarithms are of. Where a covariate is unknown, the slice is left out.
    """
    covariates = {(one.variant, lap_of(one)): np.log(costs) for one in slices if (costs := _costs(one))}
    keys = [(name, lap) for name, of_name in laps.items() for lap in of_name if (name, lap) in covariates]
    if not keys:
        return {}
    table = np.array([[laps[name][lap], *covariates[name, lap]] for name, lap in keys])
    # What a variant costs, and what a block or a lap costs all of them, is no weather within a lap.
    within = _centred(_centred(table, [(name, *lap[:2]) for name, lap in keys]), [lap for _, lap in keys])
    slopes = np.linalg.lstsq(within[:, 1:], within[:, 0], rcond=None)[0]
    found: dict[str, dict[Lap, float]] = {name: {} for name in laps}
    for (name, lap), row in zip(keys, table, strict=True):
        found[name][lap] = float(row[0] - row[1:] @ slopes)
    return found


def lap_of(one: Slice | Ceiling) -> Lap:
    """Where it stood."""
    return one.block, one.group, one.lap


def _costs(one: Slice) -> list[float] | None:
    """What a request cost the tiers that are there; None where this machine does not tell."""
    costs = [one.tiers[tier].cpu_us_per_request for tier in UNCONCERNED if tier in one.tiers]
    known = [cost for cost in costs if cost]
    return known if known and len(known) == len(costs) else None


def _centred(table: NDArray[np.float64], groups: Sequence[object]) -> NDArray[np.float64]:
    """Each row less the mean of its group."""
    rows: dict[object, list[int]] = {}
    for row, group in enumerate(groups):
        rows.setdefault(group, []).append(row)
    centred = table.copy()
    for of_group in rows.values():
        centred[of_group] -= table[of_group].mean(axis=0)
    return centred
