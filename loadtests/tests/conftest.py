"""What these suites share: a hand-made run, a real service, and the command itself."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from local_stack.stack import Stack
from showdown.generators.measurement import Latency
from showdown.results import Machine, Proxy, Reference, Result, Run, Tier, TierName, Work
from showdown.run.rounds import started_service
from showdown.scenarios import Profile
from showdown.variants import Variant, load_variant_file

SCENARIO = "recipe-detail"
# Requests per second of each round: within the rounds fast is 5, 1 and 1.5 times as fast as slow.
SLOW, FAST, CEILING = (100.0, 200.0, 300.0), (500.0, 200.0, 450.0), (1000.0, 1200.0, 1100.0)


@pytest.fixture
def run() -> Run:
    """Three rounds of two variants and of the ceiling under one scenario."""
    return Run(
        started_at="2026-01-02T03:04:05+00:00",
        finished_at="2026-01-02T03:09:05+00:00",
        command="showdown run --variants slow,fast",
        commit="0123456789ab",
        machine=Machine(
            system="Linux 6.1 x86_64", cpu="EPYC", cores=2, memory_mib=4096, virtual="kvm", steal_percent=0.0
        ),
        versions={"python": "3.11.7", "postgres": "15.18"},
        profile_name="quick",
        profile=Profile(
            description="d", scenarios=[SCENARIO], rounds=3, users=50, warm_up_seconds=3, measure_seconds=8
        ),
        generator="locust",
        haproxy=True,
        pgbouncer=None,
        external_postgres=False,
        missing=[],
        recipes=2_000,
        seed=1,
        baseline="slow",
        variants={
            "slow": Variant(description="slow", command=["slow"], workers=5, pool=5),
            "fast": Variant(description="fast", command=["fast"], workers=2, pool=20),
        },
        results=[
            *(_result("slow", number, speed, 900.0) for number, speed in enumerate(SLOW, start=1)),
            *(_result("fast", number, speed, 300.0) for number, speed in enumerate(FAST, start=1)),
        ],
        references=[_reference(number, speed) for number, speed in enumerate(CEILING, start=1)],
    )


@pytest.fixture(scope="module")
def starlette(stack: Stack) -> Iterator[Stack]:
    """The shared stack with a real service."""
    with started_service(stack, "starlette", load_variant_file().variants["starlette"]):
        yield stack


@pytest.fixture(scope="session")
def showdown() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command, as a person would."""

    def call(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).parent / "showdown"
        return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, **options)

    return call


def _result(variant: str, number: int, speed: float, cpu_us: float) -> Result:
    """A round in which the peaks grow with its number."""
    return Result(
        variant=variant,
        scenario=SCENARIO,
        round=number,
        started_at="2026-01-02T03:04:05+00:00",
        measured_seconds=8.0,
        requests=round(speed * 8),
        errors=0,
        requests_per_second=speed,
        latency_ms=Latency(p50=10.0 * number, p90=20.0 * number, p95=30.0 * number, p99=150.4 * number, max=1000.0),
        failures={},
        tiers={
            "generator": _tier(60.0, number),
            "haproxy": _tier(40.0, number),
            "service": _tier(cpu_us + number, number),
            "postgres": _tier(200.0 + number, number),
        },
        work=Work(statements_per_request=1.0, rows_per_request=1.0, peak_connections=20),
        proxy=Proxy(responses=1, server_errors=0, connection_errors=0, most_queued=0),
    )


def _reference(number: int, speed: float) -> Reference:
    tiers: dict[TierName, Tier] = {"generator": _tier(30.0, number), "postgres": _tier(150.0, number)}
    return Reference(
        scenario=SCENARIO, round=number, connections=20, requests_per_second=speed, mean_latency_ms=2.0, tiers=tiers
    )


def _tier(cpu_us: float, number: int) -> Tier:
    return Tier(
        cpu_us_per_request=cpu_us,
        peak_cpu_percent=50.0 + number,
        peak_rss_mib=100.0 + number,
        peak_fds=10,
        peak_connections=20,
    )
