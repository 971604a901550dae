"""What latency between service and Postgres changes, as tables and in sentences."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from showdown.explain.explanation import Crossing, Factor, Modelled, OverLatency, Place
from showdown.report.figures import UNKNOWN, Figure, full, percent, tenths, three_digits, whole

Table: TypeAlias = tuple[list[str], list[list[str]]]
"""Headings and lines."""
# What a model that leaves nothing of importance out stays within.
NEAR = 0.15


def tables_of(over: OverLatency) -> list[Table]:
    """Each variant at each latency beside the model; and each beside the start of the other chain."""
    return [*_model(over.modelled), *places_of(over)]


def _model(modelled: Sequence[Modelled]) -> Iterator[Table]:
    if not modelled:
        return
    yield (
        [
            "variant",
            "latency ms",
            "round trips/req",
            "ms/round trip",
            "CPU ms/req",
            "req/s",
            "model",
            "off by",
            "what binds",
        ],
        [
            [
                each.variant,
                f"{each.latency_ms:g}",
                tenths(each.round_trips_per_request),
                three_digits(each.ms_per_round_trip),
                three_digits(each.cpu_ms_per_request),
                whole(each.requests_per_second.value),
                whole(each.model_requests_per_second),
                _error(each),
                each.binds,
            ]
            for each in modelled
        ],
    )


def _error(of: Modelled) -> str:
    share = _off(of)
    return f"{'−' if share < 0 else '+'}{percent(abs(share))}"


def _off(of: Modelled) -> float:
    return of.requests_per_second.value / of.model_requests_per_second - 1


def places_of(over: OverLatency) -> Iterator[Table]:
    """Each variant beside the start of the other chain, if there is one."""
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
                crossing_shown(place.crossing) if place.crossing else UNKNOWN,
            ]
            for place in over.places
        ],
    )


def _ratio(factor: Factor | None) -> str:
    return full(Figure(factor.value, factor.low, factor.high), three_digits) if factor else UNKNOWN


def crossing_shown(at: Crossing) -> str:
    """Such as 1.52 [1.31–1.80] ms; with an open end where nothing was measured beyond it."""
    if at.latency_ms is None and at.low_ms is None:
        return f"at most {three_digits(at.high_ms or 0)} ms"
    if at.latency_ms is None:
        return f"at least {three_digits(at.low_ms or 0)} ms"
    low = "…" if at.low_ms is None else three_digits(at.low_ms)
    high = "…" if at.high_ms is None else three_digits(at.high_ms)
    return f"{three_digits(at.latency_ms)} [{low}–{high}] ms"


def over_latency_sentences(over: OverLatency) -> Iterator[str]:
    """What the tables say."""
    yield from _of_model(over.modelled)
    for place in over.places:
        if told := _of_place(place, over.beside or ""):
            yield told


def _of_model(modelled: Sequence[Modelled]) -> Iterator[str]:
    if not modelled:
        return
    bound = sum(each.binds == "round trips" for each in modelled)
    yield (
        "The model: req/s = connections ÷ (round trips × their time + CPU time, and the wait for it), by mean value "
        f"analysis, with nothing fitted. Round trips bind in {bound} of {len(modelled)} rows, and CPU in the others. "
        f"The model is {nearness(modelled)}."
    )


def nearness(modelled: Sequence[Modelled]) -> str:
    """How right the model is."""
    near = sum(abs(_off(each)) <= NEAR for each in modelled)
    furthest = max(modelled, key=lambda each: abs(_off(each)))
    return (
        f"within {percent(NEAR)} of {near} of {len(modelled)} measurements, and furthest off for {furthest.variant} at "
        f"{furthest.latency_ms:g} ms: {_error(furthest)}"
    )


def _of_place(place: Place, beside: str) -> str | None:
    """Where a variant is ahead of the other start, and where behind."""
    known = [(latency, factor) for latency, factor in place.ratios if factor]
    if not known:
        return None
    who = f"With {place.step} it" if place.step else place.variant
    (first, before), (last, after) = known[0], known[-1]
    ratios = f"{_ratio(before)} × the req/s of {beside} at {first:g} ms and {_ratio(after)} × at {last:g} ms"
    return f"{who} has {ratios}: {_change(place.crossing, before, after)}."


def _change(at: Crossing | None, before: Factor, after: Factor) -> str:
    """Whether and where they change places; the factors are those of the first latency and of the last."""
    if at is None and not before.is_different:
        return "no difference was found at any latency"
    if at is None:
        return f"it is {_where(after)} at every latency"
    if at.latency_ms is not None:
        return f"they change places at {crossing_shown(at)}"
    if at.low_ms is None:
        return f"no difference was found at first, and from {three_digits(at.high_ms or 0)} ms on it is {_where(after)}"
    return f"it is {_where(before)} at first, and from {three_digits(at.low_ms)} ms on no difference was found"


def _where(factor: Factor) -> str:
    return "ahead" if factor.value > 1 else "behind"
