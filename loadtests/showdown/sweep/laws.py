"""The Universal Scalability Law of each variant, where the parameter is a number of what can work at a time."""

from collections.abc import Iterator

from showdown.judge.comparisons import confidence
from showdown.report.figures import full, three_digits, whole
from showdown.sweep.curves import REQUESTS, curve
from showdown.sweep.swept import USERS
from showdown.sweep.usl import CRITERION, FORMULA, Law, NoLaw, fitted
from showdown.sweep.workloads import Workload

SCALED = frozenset({USERS, "workers", "pool"})


def laws(workload: Workload) -> dict[str, Law | NoLaw]:
    """By variant; none where the parameter has no such law."""
    if workload.parameter not in SCALED or not workload.is_numeric:
        return {}
    of_run = confidence(workload.places[0].run)
    return {
        variant: fitted({int(each.value): each.by_block for each in curve(workload, variant, REQUESTS)}, of_run)
        for variant in workload.variants
    }


def law_sentences(workload: Workload) -> Iterator[str]:
    """What was fitted, and what was refused for which reason."""
    found = laws(workload)
    most = max((int(place.value) for place in workload.places), default=0) if found else 0
    for variant, law in found.items():
        what = f"{variant}, Universal Scalability Law of {workload.parameter}"
        yield f"{what}: refused, for {law.reason}." if isinstance(law, NoLaw) else f"{what}: {_told(law, most)}."
    if found:
        yield f"The law is {FORMULA}; {CRITERION}."


def _told(law: Law, most: int) -> str:
    told = (
        f"λ = {full(law.throughput_of_one, whole)} req/s, σ = {full(law.contention, _share)}, "
        f"κ = {full(law.coherency, _share)}"
    )
    if law.peak is None:
        return told
    return f"{told}; most at {three_digits(law.peak)}{', which was not measured' if law.peak > most else ''}"


def _share(value: float) -> str:
    """To two digits, however small: 0.31, 0.00042."""
    return f"{value:.2g}" if value >= 1e-4 else f"{value:.1e}" if value else "0"  # noqa: PLR2004 - where digits change
