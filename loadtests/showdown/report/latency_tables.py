"""What latency between service and Postgres changes, as tables and in sentences."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from showdown.explain.explanation import Crossing, Factor, Modelled, OverLatency, Place
from showdown.report.figures import UNKNOWN, Figure, full, percent, tenths, three_digits, whole
from showdown.report.setting import listed

Table: TypeAlias = tuple[list[str], list[list[str]]]
"""Headings and lines."""


def tables_of(over: OverLatency) -> list[Table]:
    """Each variant at each latency beside the model; and each beside the start of the other chain."""
    return [*_model(over.modelled), *_places(over)]


def _model(modelled: Sequence[Modelled]) -> Iterator[Table]:
    latencies = sorted({each.latency_ms for each in modelled})
    if not latencies:
        return
    lines = []
    for variant in dict.fromkeys(each.variant for each in modelled):
        of = {each.latency_ms: each for each in modelled if each.variant == variant}
        trips = [tenths(each.round_trips_per_request) for each in of.values()]
        cells = [_cell(of[latency]) if latency in of else UNKNOWN for latency in latencies]
        lines.append([variant, trips[0] if len(set(trips)) == 1 else f"{min(trips)}–{max(trips)}", *cells])
    headings = ["variant", "round trips/req", *(f"req/s at {latency:g} ms (model)" for latency in latencies)]
    yield headings, lines


def _cell(of: Modelled) -> str:
    """What was measured, by how much that is more or less than the model says, and which of its bounds binds."""
    measured = whole(of.requests_per_second.value)
    return measured if not of.latency_ms else f"{measured} ({_error(of)}, {of.binds})"


def _error(of: Modelled) -> str:
    share = _off(of)
    return f"{'−' if share < 0 else '+'}{percent(abs(share))}"


def _off(of: Modelled) -> float:
    return of.requests_per_second.value / of.model_requests_per_second - 1


def _places(over: OverLatency) -> Iterator[Table]:
    if not over.places or over.beside is None:
        return
    latencies = sorted({latency for place in over.places for latency, _ in place.ratios})
    headings = ["step", *(f"× {over.beside} at {latency:g} ms" for latency in latencies), "equal at"]
    yield (
        headings,
        [
            [
                place.step or place.variant,
                *(_ratio(dict(place.ratios).get(latency)) for latency in latencies),
                f"{_crossing(place.crossing)} ms" if place.crossing else UNKNOWN,
            ]
            for place in over.places
        ],
    )


def _ratio(factor: Factor | None) -> str:
    return full(Figure(factor.value, factor.low, factor.high), three_digits) if factor else UNKNOWN


def _crossing(at: Crossing) -> str:
    """Such as 1.52 [1.31–1.80]; with an open end where nothing was measured beyond it."""
    low = "…" if at.low_ms is None else three_digits(at.low_ms)
    high = "…" if at.high_ms is None else three_digits(at.high_ms)
    return f"{three_digits(at.latency_ms)} [{low}–{high}]"


def over_latency_sentences(over: OverLatency) -> Iterator[str]:
    """What the tables say."""
    yield from _of_model([each for each in over.modelled if each.latency_ms])
    for place in over.places:
        if told := _of_place(place, over.beside or ""):
            yield told


def _of_model(modelled: Sequence[Modelled]) -> Iterator[str]:
    if not modelled:
        return
    furthest = max(modelled, key=lambda each: abs(_off(each)))
    bound = sum(each.binds == "round trips" for each in modelled)
    yield (
        "The model: req/s ≤ min(connections ÷ (round trips × latency), what the same variant did without latency). "
        f"Round trips bind in {bound} of {len(modelled)} rows with latency. It is furthest off for {furthest.variant} "
        f"at {furthest.latency_ms:g} ms: {_error(furthest)}."
    )


def _of_place(place: Place, beside: str) -> str | None:
    """Where a variant is ahead of the other start, and where behind."""
    known = [(latency, factor) for latency, factor in place.ratios if factor]
    if not known:
        return None
    who = f"With {place.step} it" if place.step else place.variant
    if place.crossing:
        (first, slow), (last, fast) = known[0], known[-1]
        return (
            f"{who} has {_ratio(slow)} × the req/s of {beside} at {first:g} ms and {_ratio(fast)} × at {last:g} ms: "
            f"they change places at {_crossing(place.crossing)} ms."
        )
    ahead = [f"{latency:g}" for latency, factor in known if factor.is_different and factor.value > 1]
    behind = [f"{latency:g}" for latency, factor in known if factor.is_different and factor.value < 1]
    told = [f"{where} at {listed(at)} ms" for where, at in (("ahead", ahead), ("behind", behind)) if at]
    return f"{who} is {listed(told)}, and changes places with {beside} nowhere." if told else None
