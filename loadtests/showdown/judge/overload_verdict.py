"""Whether a variant holds under overload, and if not, why."""

from collections.abc import Iterator
from dataclasses import dataclass

from showdown.measure.overload_results import OverloadOf, Step

# At one and a half times the capacity, so much of it must be left.
GOODPUT_AT_PERCENT, LEAST_GOODPUT = 150, 0.9
# From here on some have to be refused.
REFUSING_PERCENT = 150
LEAST_REFUSED_PERCENT = 1.0
MOST_REFUSAL_MS = 100.0
# A request may wait for a second, and then has to be answered.
MOST_WAIT_MS = 1_000.0
MOST_RECOVERY_SECONDS = 2.0
# More memory than at half of the capacity: half as much again, and what an allocator takes at a time.
MEMORY_FACTOR, MEMORY_MIB = 1.5, 32.0
# Where less of what was asked could be sent, the load was another.
LEAST_OFFERED = 0.9

HOLDS, FAILED = "holds", "failed"


@dataclass(frozen=True)
class Doubt:
    """What is not as it should be."""

    label: str
    """In a table."""
    seen: str
    """With the numbers."""


def verdict(of: OverloadOf) -> str:
    """In at most two words: the gravest doubt, HOLDS where there is none, FAILED where it was not measured."""
    if of.fault or not of.steps:
        return FAILED
    return next((doubt.label for doubt in doubts(of)), HOLDS)


def doubts(of: OverloadOf) -> Iterator[Doubt]:
    """The gravest first."""
    for each in of.steps:
        if each.recovery_seconds is None:
            yield Doubt("metastable", f"after {name(each)} it did not recover as long as it was watched")
    yield from (doubt for each in of.steps for doubt in _wrong(each))
    yield from _goodput(of)
    for each in of.steps:
        if each.recovery_seconds is not None and each.recovery_seconds > MOST_RECOVERY_SECONDS:
            yield Doubt("slow recovery", f"after {name(each)} it took {each.recovery_seconds:.1f} s to recover")
    yield from (doubt for each in of.steps for doubt in _slow(each, of.steps[0]))
    yield from _memory(of.steps)


def name(of: Step) -> str:
    """150%, or 2,000 clients."""
    return f"{of.clients:,} clients" if of.percent_of_capacity is None else f"{of.percent_of_capacity:,}%"


def was_offered(of: Step) -> bool:
    """Whether the generator could send what was asked."""
    return of.offered_requests_per_second >= LEAST_OFFERED * (of.asked_requests_per_second or 0.0)


def _wrong(of: Step) -> Iterator[Doubt]:
    if of.failures:
        what, times = max(of.failures.items(), key=lambda each: each[1])
        yield Doubt(
            "errors", f"at {name(of)} {sum(of.failures.values()):,} answers were wrong, {times:,} times: {what}"
        )


def _goodput(of: OverloadOf) -> Iterator[Doubt]:
    for each in of.steps:
        if each.percent_of_capacity == GOODPUT_AT_PERCENT and of.requests_per_second:
            share = each.right_requests_per_second / of.requests_per_second
            if share < LEAST_GOODPUT:
                yield Doubt("less goodput", f"at {name(each)} it answered {share:.0%} of its capacity")


def _slow(of: Step, unloaded: Step) -> Iterator[Doubt]:
    if of.refused_p99_ms is not None and of.refused_p99_ms > MOST_REFUSAL_MS:
        yield Doubt("slow refusals", f"at {name(of)} 1% of refusals took longer than {of.refused_p99_ms:,.0f} ms")
    bound = MOST_WAIT_MS + (unloaded.accepted_p99_ms or 0.0)
    if of.accepted_p99_ms is not None and of.accepted_p99_ms > bound:
        yield Doubt("slow answers", f"at {name(of)} 1% of right answers took longer than {of.accepted_p99_ms:,.0f} ms")


def _memory(steps: list[Step]) -> Iterator[Doubt]:
    bound = MEMORY_FACTOR * steps[0].service_peak_mib + MEMORY_MIB
    worst = max(steps, key=lambda each: each.service_peak_mib)
    if worst.service_peak_mib > bound:
        grown = f"from {steps[0].service_peak_mib:,.0f} MiB at {name(steps[0])} to {worst.service_peak_mib:,.0f} MiB"
        yield Doubt("memory grows", f"it grew {grown} at {name(worst)}")
