"""Runs whose true speeds are known, with noise of a known size."""

import numpy as np
from showdown.contenders.variants import Variant
from showdown.generators.latencies import encoded, new_histogram, record
from showdown.measure.results import Ceiling, Run, Slice, Twin, Work
from showdown.measure.sampled import Sampled
from showdown.requests.scenarios import Profile
from showdown.stacks.records import Machine, TierName, TierUsage

SCENARIO = "recipe-detail"
USERS, SLICE_SECONDS = 50, 2.0


def made_up_run(
    speeds: dict[str, float], *, blocks: int = 6, laps: int = 2, spread: float = 0.02, twin_of: str | None = None
) -> Run:
    """The first is the baseline. A service takes 1 / speed seconds of CPU for a request.

    `spread`: the standard deviation of a slice's logarithm. The same arguments give the same run.
    """
    random = np.random.default_rng(1)
    twin = Twin(of=twin_of, name=f"{twin_of}-twin") if twin_of else None
    all_speeds = speeds | ({twin.name: speeds[twin.of]} if twin else {})

    def noise() -> float:
        return float(np.exp(random.normal(0, spread)))

    return Run(
        started_at="2026-01-02T03:04:05+00:00",
        finished_at="2026-01-02T03:09:05+00:00",
        command="showdown run",
        commit="0123456789ab",
        machine=Machine(
            system="Linux 6.1 x86_64", cpu="EPYC", cores=4, memory_mib=4096, virtual="kvm", steal_percent=0.0
        ),
        versions={"python": "3.11.7"},
        profile_name="quick",
        profile=Profile(
            description="d",
            scenarios=[SCENARIO],
            blocks=blocks,
            laps=laps,
            users=USERS,
            warm_up_seconds=1,
            slice_seconds=SLICE_SECONDS,
        ),
        generator="locust",
        haproxy=True,
        pgbouncer=None,
        external_postgres=False,
        notes=[],
        contract="recipes 0123456789abcdef",
        size=2_000,
        seed=1,
        baseline=next(iter(speeds)),
        variants={name: Variant(description=name, command=[name], workers=2, pool=20) for name in all_speeds},
        twin=twin,
        slices=[
            made_up_slice(name, block, lap, speed * noise(), 1e6 / speed * noise())
            for block in range(1, blocks + 1)
            for lap in range(1, laps + 1)
            for name, speed in all_speeds.items()
        ],
    )


def made_up_slice(variant: str, block: int, lap: int, speed: float, cpu_us: float) -> Slice:
    """A slice without any fault: each of its users had one request under way all the time."""
    histogram = new_histogram()
    record(histogram, USERS / speed * 1000)
    requests = round(speed * SLICE_SECONDS)
    return Slice(
        variant=variant,
        scenario=SCENARIO,
        block=block,
        lap=lap,
        started_at=1_800_000_000.0 + 1_000 * block + 10 * lap,
        measured_seconds=SLICE_SECONDS,
        requests=requests,
        errors=0,
        requests_per_second=speed,
        histogram=encoded(histogram),
        failures={},
        tiers={"generator": made_up_tier(30.0), "service": made_up_tier(cpu_us), "postgres": made_up_tier(200.0)},
        work=Work(statements_per_request=1.0, rows_per_request=1.0, peak_connections=18),
        proxy=None,
    )


def made_up_ceiling(block: int, lap: int, speed: float) -> Ceiling:
    tiers: dict[TierName, TierUsage] = {"generator": made_up_tier(30.0), "postgres": made_up_tier(150.0)}
    return Ceiling(
        scenario=SCENARIO,
        block=block,
        lap=lap,
        connections=20,
        requests_per_second=speed,
        mean_latency_ms=2.0,
        tiers=tiers,
    )


def made_up_tier(cpu_us: float) -> TierUsage:
    return TierUsage(
        cpu_us_per_request=cpu_us, peak_cpu_percent=50.0, peak_rss_mib=100.0, peak_fds=10, peak_connections=20
    )


def made_up_sampled(variant: str, layers_us: dict[str, float]) -> Sampled:
    """What py-spy saw of a variant, which took a fifth more CPU time meanwhile."""
    cpu_us = sum(layers_us.values())
    return Sampled(
        variant=variant,
        scenario=SCENARIO,
        profiler="py-spy",
        samples_per_second=199,
        samples=800,
        cpu_us_per_request=cpu_us,
        sampled_cpu_us_per_request=1.2 * cpu_us,
        kernel_share=layers_us.get("kernel", 0.0) / cpu_us,
        layers_us_per_request=layers_us,
    )
