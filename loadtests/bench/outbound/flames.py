"""Flame graphs of services at equal requests per second, and of what differs."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
from showdown.contenders.build import build
from showdown.requests.kind import Request
from showdown.sampling.call_stacks import SUFFIX, Samples, total, write_stacks
from showdown.sampling.flame_graphs import draw, draw_difference, require_inferno
from showdown.sampling.profilers import PROFILERS
from showdown.stacks.cpu_clock import cpu_seconds
from showdown_contract.errors import ShowdownError
from showdown_stack.tiers import TierOptions, running_tiers

from outbound.traced import CONTRACT, SIZE, asked, calling, one_worker

VARIANTS = ("starlette-per-call", "starlette-per-call-shared-tls", "starlette")
PROFILER = PROFILERS["py-spy"]
WARM_UP_SECONDS = 2.0
# The profiler has to find out about the process before it samples.
ATTACH_SECONDS = 1.5
COLUMNS = ("variant", "requests_per_second", "seconds", "requests", "cpu_seconds", "samples")


def record(names: Sequence[str], folder: Path, rate: float, seconds: float) -> list[dict[str, Any]]:
    """Draw a graph for each of these variants, and one for each two that follow each other, into the folder.

    First the service's CPU time is measured, then it is sampled, both for so many seconds. Raises ShowdownError.
    """
    require_inferno()
    PROFILER.require()
    variants = {name: calling()[name] for name in names}
    build(variants)
    folder.mkdir(parents=True, exist_ok=True)
    some = asked(SIZE, round(rate * (seconds + ATTACH_SECONDS)))
    rows: list[dict[str, Any]] = []
    found: dict[str, Samples] = {}
    with running_tiers(TierOptions(CONTRACT, SIZE, haproxy=False, upstream=True)) as tiers:
        for name, variant in variants.items():
            with one_worker(tiers, name, variant) as pid:
                asyncio.run(drive(tiers.service_url, some, rate, WARM_UP_SECONDS))
                before = cpu_seconds(pid)
                count = asyncio.run(drive(tiers.service_url, some, rate, seconds))
                used = cpu_seconds(pid) - before
                found[name] = sampled(pid, tiers.service_url, some, rate, seconds)
            at_rate = {"requests_per_second": rate, "seconds": seconds, "requests": count, "cpu_seconds": used}
            rows.append({"variant": name} | at_rate | {"samples": total(found[name])})
    for name, samples in found.items():
        write_stacks(samples, folder / f"{name}{SUFFIX}")
        draw(samples, name, folder / f"{name}.svg")
    for one, other in pairwise(names):
        title = f"{one}: blue is less in {other}, red is more"
        draw_difference(found[one], found[other], title, folder / f"{one}-to-{other}.svg")
    return rows


async def drive(url: str, some: Sequence[Request], rate: float, seconds: float) -> int:
    """Send requests at equal intervals, whether or not those before are answered. Gives how many there were.

    Raises ShowdownError for a wrong answer.
    """
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(url, timeout=timeout) as session, asyncio.TaskGroup() as group:
        start = time.monotonic()
        count = round(rate * seconds)
        tasks = []
        for number in range(count):
            await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
            tasks.append(group.create_task(_ask(session, some[number % len(some)])))
    if failure := next((failure for task in tasks if (failure := task.result())), None):
        raise ShowdownError(f"{url}: {failure}")
    return count


async def _ask(session: aiohttp.ClientSession, request: Request) -> str | None:
    try:
        async with session.get(request.path, headers=dict(request.headers)) as response:
            return request.failure(response.status, await response.read())
    except (aiohttp.ClientError, TimeoutError) as error:
        return f"{request.path}: {error!r}"


def sampled(pid: int, url: str, some: Sequence[Request], rate: float, seconds: float) -> Samples:
    """The call stacks of a service under these requests. Raises ShowdownError."""
    with tempfile.TemporaryDirectory() as folder:
        sampling = PROFILER.attached(pid, Path(folder) / "service")
        try:
            asyncio.run(drive(url, some, rate, seconds + ATTACH_SECONDS))
            return sampling.samples()
        finally:
            sampling.end()
