"""Scenarios at a latency between service and Postgres: recipe-detail-2ms is recipe-detail with 2 ms a round trip."""

import re
from collections.abc import Iterable, Mapping, Sequence

from showdown_contract.errors import ShowdownError
from showdown_stack.link import MOST_LATENCY_MS

from showdown.requests.scenarios import Scenario

_NAME = re.compile(r"(?P<scenario>.+)-(?P<latency>[0-9]{1,4}(\.[0-9]{1,3})?)ms")
_LATENCY = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,3})?)(?:ms)?")


def parsed_latencies(text: str) -> list[float]:
    """Those of a comma-separated list, in ms: 0,0.5,2ms. Raises ShowdownError."""
    words = list(filter(None, (part.strip() for part in text.split(","))))
    if not words:
        raise ShowdownError("--latency names none: say --latency 2ms, or several: 0,1,2ms")
    try:
        return list(dict.fromkeys(map(parsed_latency, words)))
    except ShowdownError as error:
        raise ShowdownError(f"--latency {text}: {error}: say --latency 2ms, or 0,1,2ms") from None


def parsed_latency(word: str) -> float:
    """In ms: 0, 0.5, 2ms. Raises ShowdownError."""
    match = _LATENCY.fullmatch(word)
    if match is None or float(match[1]) > MOST_LATENCY_MS:
        raise ShowdownError(f"{word} is no latency from 0 to {MOST_LATENCY_MS} ms")
    return float(match[1])


def at_latencies(names: Iterable[str], latencies_ms: Sequence[float]) -> list[str]:
    """The names of these scenarios at each of these latencies."""
    return [f"{name}-{latency:g}ms" for name in names for latency in latencies_ms]


def with_latencies(scenarios: Mapping[str, Scenario], names: Iterable[str]) -> dict[str, Scenario]:
    """The scenarios there are, and those of `names` that are one of them at a latency."""
    found = {name: named[0] for name in names if (named := _named(scenarios, name))}
    return {**scenarios, **{name: scenarios[of] for name, of in found.items()}}


def latencies_ms(scenarios: Mapping[str, Scenario], names: Iterable[str]) -> dict[str, float]:
    """By name, the latencies of those of `names` that have one."""
    return {name: named[1] for name in names if (named := _named(scenarios, name))}


def without_latency(name: str, latency_ms: float) -> str:
    """The scenario of which one is at this latency."""
    return name.removesuffix(f"-{latency_ms:g}ms")


def once_each(scenarios: Mapping[str, Scenario]) -> dict[str, str]:
    """By scenario, the first one that asks the same: at another latency it is no other work for who asks."""
    firsts: dict[str, str] = {}
    for name, scenario in scenarios.items():
        firsts[name] = next((first for first in firsts.values() if scenarios[first] == scenario), name)
    return firsts


def _named(scenarios: Mapping[str, Scenario], name: str) -> tuple[str, float] | None:
    """The scenario and the latency of a name; None where it is no such name, or a scenario's own."""
    match = _NAME.fullmatch(name)
    if match is None or name in scenarios or match["scenario"] not in scenarios:
        return None
    of, latency = match["scenario"], float(match["latency"])
    # Each has one name: 0.50ms is none.
    is_known = latency <= MOST_LATENCY_MS and at_latencies([of], [latency]) == [name]
    return (of, latency) if is_known else None
