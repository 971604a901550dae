"""Flame graphs of services at equal requests per second, and of what differs: py-spy's stacks, drawn by inferno."""

import asyncio
import gzip
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from showdown.contenders.build import build
from showdown.requests.kind import Request
from showdown.stacks.cpu_clock import cpu_seconds
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT
from showdown_stack.tiers import TierOptions, running_tiers

from outbound.traced import CONTRACT, SIZE, asked, calling, one_worker

VARIANTS = ("starlette-per-call", "starlette-per-call-shared-tls", "starlette")
SAMPLES_PER_SECOND = 200
WARM_UP_SECONDS = 2.0
# py-spy has to find out about the process before it samples.
ATTACH_SECONDS = 1.5
INFERNO = CHECKOUT / "target/inferno"
INSTALL = f"cargo install inferno@0.12.8 --locked --root {INFERNO.relative_to(CHECKOUT)}"
COLUMNS = ("variant", "requests_per_second", "seconds", "requests", "cpu_seconds", "samples")


def record(names: Sequence[str], folder: Path, rate: float, seconds: float) -> list[dict[str, Any]]:
    """Draw a graph for each of these variants, and one for each two that follow each other, into the folder.

    First the service's CPU time is measured, then it is sampled, both for so many seconds. Raises ShowdownError.
    """
    graph, diff = _program("inferno-flamegraph"), _program("inferno-diff-folded")
    variants = {name: calling()[name] for name in names}
    build(variants)
    folder.mkdir(parents=True, exist_ok=True)
    some = asked(SIZE, round(rate * (seconds + ATTACH_SECONDS)))
    rows = []
    with running_tiers(TierOptions(CONTRACT, SIZE, haproxy=False, upstream=True)) as tiers:
        for name, variant in variants.items():
            with one_worker(tiers, name, variant) as pid:
                asyncio.run(drive(tiers.service_url, some, rate, WARM_UP_SECONDS))
                before = cpu_seconds(pid)
                count = asyncio.run(drive(tiers.service_url, some, rate, seconds))
                used = cpu_seconds(pid) - before
                stacks = sampled(pid, tiers.service_url, some, rate, seconds)
            _stacks_file(folder, name).write_bytes(gzip.compress(stacks, mtime=0))
            at_rate = {"requests_per_second": rate, "seconds": seconds, "requests": count, "cpu_seconds": used}
            rows.append({"variant": name} | at_rate | {"samples": samples(stacks)})
    for name in names:
        _draw(graph, folder, name)
    for one, other in pairwise(names):
        _draw_difference(graph, diff, folder, one, other)
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


def samples(stacks: bytes) -> int:
    """How many samples there are in py-spy's raw format: a stack, a space and a count on each line."""
    return sum(int(line.rpartition(b" ")[2]) for line in stacks.splitlines())


def sampled(pid: int, url: str, some: Sequence[Request], rate: float, seconds: float) -> bytes:
    """The stacks of a service's only worker under these requests, as py-spy writes them. Raises ShowdownError."""
    root = psutil.Process(pid)
    # Not the whole tree: py-spy would begin each stack with the process's number, and no two would be alike.
    worker = [root, *root.children(recursive=True)][-1].pid
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stacks"
        command = [
            *(str(Path(sys.executable).parent / "py-spy"), "record", "--pid", str(worker)),
            *(
                "--format",
                "raw",
                "--rate",
                str(SAMPLES_PER_SECOND),
                "--duration",
                f"{seconds:.0f}",
                "--output",
                str(file),
            ),
        ]
        spy = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            asyncio.run(drive(url, some, rate, seconds + ATTACH_SECONDS))
            said, _ = spy.communicate(timeout=60)
        finally:
            spy.kill()
        if spy.returncode or not file.exists():
            raise ShowdownError(f"py-spy cannot watch the service: run this as root\n{said}")
        return file.read_bytes()


def _draw(graph: str, folder: Path, name: str) -> None:
    stacks = gzip.decompress(_stacks_file(folder, name).read_bytes())
    (folder / f"{name}.svg").write_bytes(_render(graph, stacks, name, {"--colors": "python"}))


def _draw_difference(graph: str, diff: str, folder: Path, before: str, after: str) -> None:
    """As wide as before, so that what went away is there: in blue; what grew, in red."""
    with tempfile.TemporaryDirectory() as scratch:
        files = [Path(scratch) / name for name in (after, before)]
        for file in files:
            file.write_bytes(gzip.decompress(_stacks_file(folder, file.name).read_bytes()))
        changed = subprocess.run([diff, *files], check=True, capture_output=True).stdout
    title = f"{before}: blue is less in {after}, red is more"
    (folder / f"{before}-to-{after}.svg").write_bytes(_render(graph, changed, title, {}, "--negate"))


def _render(graph: str, stacks: bytes, title: str, options: Mapping[str, str], *flags: str) -> bytes:
    words = [word for option in ({"--title": title, **options}).items() for word in option]
    return subprocess.run([graph, *words, *flags], input=stacks, check=True, capture_output=True).stdout


def _stacks_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.stacks.gz"


def _program(name: str) -> str:
    """Where it is. Raises ShowdownError, which says how to install it."""
    own = INFERNO / "bin" / name
    found = str(own) if own.exists() else shutil.which(name)
    if found is None:
        raise ShowdownError(f"{name} is missing: type '{INSTALL}'")
    return found
