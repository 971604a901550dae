"""What a request's CPU time consists of, beside what each tier says: the service's two parts, and what no tier used."""

from collections.abc import Iterable
from dataclasses import dataclass

from showdown.measure.results import Slice


@dataclass(frozen=True)
class Split:
    """The shares of the service's CPU time; together they are 1."""

    user: float
    system: float


def split(slices: Iterable[Slice]) -> Split | None:
    """Over all slices together, for the kernel's part of a short one is a few ticks; None where nobody asked."""
    services = [(one.tiers["service"], one.requests) for one in slices]
    known = [
        (service.system_cpu_us_per_request * requests, service.cpu_us_per_request * requests)
        for service, requests in services
        if service.system_cpu_us_per_request is not None and service.cpu_us_per_request is not None
    ]
    whole = sum(total for _, total in known)
    if not whole:
        return None
    system = sum(of_kernel for of_kernel, _ in known) / whole
    return Split(1 - system, system)


def unexplained_us(one: Slice) -> float | None:
    """What the machine was busy with for each request besides all tiers; None where one of them does not tell."""
    tiers = [tier.cpu_us_per_request for tier in one.tiers.values()]
    known = [tier for tier in tiers if tier is not None]
    if one.machine_cpu_us_per_request is None or len(known) < len(tiers):
        return None
    # Two clocks: that of the machine has ticks.
    return max(0.0, one.machine_cpu_us_per_request - sum(known))
