"""Runs at several latencies, of variants whose pool, round trips and CPU are known."""

from itertools import pairwise
from math import perm

import numpy as np
from made_up_runs import SCENARIO, SLICE_SECONDS, made_up_run, made_up_slice
from showdown.contenders.chains import Chain, Step
from showdown.measure.results import Run
from showdown.requests.latency import at_latencies
from showdown.stacks.records import Link

LATENCIES = (0.0, 1.0, 2.0, 4.0, 8.0)
WORKERS, CONNECTIONS = 2, 20
# Of a round trip without latency.
LEAST_MS = 0.1


def throughput(speed: float, away_seconds: float) -> float:
    """Of two workers, each with half of the connections, that do at most `speed` together.

    A worker is a machine that serves some customers one by one, who are away in between: the machine repairman, whose
    probability to be idle has a closed form. Both times vary exponentially.
    """
    busy_seconds, customers = WORKERS / speed, CONNECTIONS // WORKERS
    idle = 1 / sum(
        perm(customers, waiting) * (busy_seconds / away_seconds) ** waiting for waiting in range(customers + 1)
    )
    return WORKERS * (1 - idle) / busy_seconds


def made_up_latency_run(
    chain: dict[str, tuple[float, float]],
    beside: dict[str, tuple[float, float]],
    *,
    blocks: int = 5,
    spread: float = 0.01,
) -> Run:
    """Of each variant, what it can do at most, and its round trips for a request."""
    of_all = chain | beside
    run = made_up_run({name: speed for name, (speed, _) in of_all.items()}, blocks=blocks, laps=1)
    random = np.random.default_rng(2)
    names = dict(zip(LATENCIES, at_latencies([SCENARIO], LATENCIES), strict=True))
    run.profile.scenarios = [*names.values()]
    run.latency_ms = {name: latency for latency, name in names.items()}
    run.chain, run.beside = _chain("made-up", [*chain]), _chain("beside", [*beside])
    run.slices = []
    for block in range(1, blocks + 1):
        for latency, scenario in names.items():
            for name, (speed, trips) in of_all.items():
                ms = max(latency, LEAST_MS)
                measured = throughput(speed, trips * ms / 1000) * float(np.exp(random.normal(0, spread)))
                slice_ = made_up_slice(name, block, 1, measured, WORKERS * 1e6 / speed)
                slice_.scenario = scenario
                requests = round(measured * SLICE_SECONDS)
                slice_.link = Link(
                    service_requests=requests,
                    round_trips=round(trips * requests),
                    waited_ms=trips * requests * ms,
                    connections_opened=0,
                )
                run.slices.append(slice_)
    return run


def _chain(name: str, variants: list[str]) -> Chain:
    steps = [
        Step(name=f"to {after}", knob="PLAN", change="? → !", before=before, after=after)
        for before, after in pairwise(variants)
    ]
    return Chain(name=name, description="why?", steps=steps)
