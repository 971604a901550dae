"""An overload that was never measured."""

from typing import Any

from made_up_runs import SCENARIO
from showdown.measure.overload_results import OverloadOf, Step

LOADS = (50, 100, 150, 300, 1_000, None)


def made_up_step(percent: int | None, **changes: Any) -> Step:
    """A load of a variant with a capacity of 100 req/s that answers all it can and refuses the rest at once."""
    offered = 400.0 if percent is None else float(percent)
    step = Step(
        percent_of_capacity=percent,
        clients=None if percent else 2_000,
        asked_requests_per_second=percent and offered,
        offered_requests_per_second=offered,
        right_requests_per_second=min(offered, 98.0),
        refused_percent=max(0.0, 100 - 9_800 / offered),
        refused_p50_ms=1.0 if offered > 98 else None,
        refused_p99_ms=4.0 if offered > 98 else None,
        accepted_p50_ms=5.0,
        accepted_p99_ms=20.0 if offered < 98 else 400.0,
        failures={},
        service_peak_mib=100.0,
        generator_peak_cpu_percent=30.0,
        recovery_seconds=0.25,
    )
    return step.model_copy(update=changes)


def made_up_overload(**changes: dict[str, Any]) -> OverloadOf:
    """What was seen of it; `changes`: of single loads, by p150, or clients."""
    steps = [made_up_step(load, **changes.get(f"p{load}" if load else "clients", {})) for load in LOADS]
    return OverloadOf(variant="fast", scenario=SCENARIO, requests_per_second=100.0, in_time_ms=60.0, steps=steps)
