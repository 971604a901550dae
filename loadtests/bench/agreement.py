"""Whether Locust in showdown's slices and another generator say the same of a service: they load it directly, in turn.

    .venv/bin/python loadtests/bench/agreement.py wrk|oha [VARIANT [PAIRS]]

All ask for random recipes: wrk for 20,000 of those that Locust's users ask for, and oha, which has one cookie only, for
those of one user. What the service cost is read from its CPU clock at both ends of each turn. Locust compares all
bodies, and two in each second of oha's turns are compared; wrk is to see nothing but 200, and enough bytes.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from scipy import stats
from showdown.contract.contract import load_contract
from showdown.generators.load import Load
from showdown.generators.locust import LocustGenerator
from showdown.generators.oha import CHECK_SECONDS, OhaGenerator
from showdown.generators.timetable import SETTLE_SECONDS, TAIL_SECONDS, Entry
from showdown.requests.kind import Seeded
from showdown.stacks.cpu_clock import cpu_seconds
from showdown.stacks.local import started_service
from showdown_stack.tiers import TierOptions, running_tiers

CONTRACT = load_contract()
SCENARIO, SIZE, USERS, REQUESTS = "recipe-detail", 2_000, 50, 20_000
SECONDS, PAIRS, BLOCKS = 3.0, 5, 3
LEAST_BYTES = 1000
# For what was under way, and for wrk to start and end.
BETWEEN_SECONDS = 0.5
WRK = """
local requests, number = {}, 0
init = function()
  for line in io.lines(%s) do
    local path, cookie = line:match("(%%S+) (%%S+)")
    requests[#requests + 1] = wrk.format("GET", path, {Cookie = cookie, Host = wrk.headers["Host"]})
  end
end
request = function() number = number %% #requests + 1; return requests[number] end
done = function(summary)
  local errors = summary.errors
  io.write(string.format('{"requests": %%d, "seconds": %%f, "bytes": %%d, "errors": %%d}', summary.requests,
    summary.duration / 1e6, summary.bytes,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
"""


def wrk_script(folder: Path) -> Path:
    """A script for wrk that asks what Locust's users ask."""
    script = folder / "requests.lua"
    if script.exists():
        return script
    kind, random, seeded = CONTRACT.kinds[SCENARIO], Random(1), Seeded(SIZE)  # noqa: S311 - load, not secrets
    asked = [kind.of_any_user(random, seeded) for _ in range(REQUESTS)]
    requests = folder / "requests"
    requests.write_text("".join(f"{request.path} {request.headers['Cookie']}\n" for request in asked))
    script.write_text(WRK % json.dumps(str(requests)))
    return script


@dataclass(frozen=True)
class Seen:
    """What a generator says of its turn."""

    requests: int
    seconds: float
    errors: int


Generator = Callable[[str, Path], Seen]
"""Loads a URL for SECONDS, with files in a folder."""


def by_wrk(url: str, folder: Path) -> Seen:
    command = [
        "wrk",
        "--threads=1",
        f"--connections={USERS}",
        f"--duration={SECONDS:g}s",
        "--script",
        str(wrk_script(folder)),
    ]
    done = subprocess.run([*command, url], check=True, capture_output=True, text=True)
    seen = json.loads(done.stdout.splitlines()[-1])
    # It does not compare bodies, and no answer is as short as this.
    errors = seen["errors"] if seen["bytes"] >= LEAST_BYTES * seen["requests"] else seen["requests"]
    return Seen(seen["requests"], seen["seconds"], errors)


def by_oha(url: str, folder: Path) -> Seen:
    load = Load({SCENARIO: CONTRACT.scenarios.scenarios[SCENARIO]}, USERS, SIZE, folder)
    turn = entry(url, time.time(), "oha")
    with OhaGenerator(Path("oha"), CONTRACT.kinds).start(load) as loading:
        loading.follow([turn])
        loading.begin(0)
        while (left := turn.left_at - time.time()) > 0:
            time.sleep(min(left, CHECK_SECONDS))
            loading.check()
        (counted,) = loading.summary().entries
    return Seen(counted.requests, counted.measured_seconds, counted.errors)


GENERATORS: dict[str, Generator] = {"wrk": by_wrk, "oha": by_oha}


def turn(name: str, url: str, pid: int, folder: Path) -> tuple[float, float]:
    """CPU in µs for each request, and requests per second."""
    before = cpu_seconds(pid)
    seen = GENERATORS[name](url, folder)
    cpu = cpu_seconds(pid) - before
    if seen.errors or not seen.requests:
        sys.exit(f"{name}: {seen}")
    return cpu * 1e6 / seen.requests, seen.requests / seen.seconds


def block(other: str, url: str, pid: int, files: Path, pairs: int) -> list[tuple[float, float]]:
    """Of each pair, Locust's figure ÷ the other's: CPU per request, and requests per second."""
    load = Load({SCENARIO: CONTRACT.scenarios.scenarios[SCENARIO]}, USERS, SIZE, files)
    step = SETTLE_SECONDS + 2 * (SECONDS + BETWEEN_SECONDS) + 2 * BETWEEN_SECONDS
    used: list[float] = []
    others: list[tuple[float, float]] = []
    with LocustGenerator().start(load) as loading:
        loading.wait_until_ready()
        begins = [time.time() + 1 + number * step for number in range(pairs)]
        loading.follow([entry(url, begin, str(number)) for number, begin in enumerate(begins)])
        for number, begin in enumerate(begins):
            loading.begin(number)
            time.sleep(max(0.0, begin + SETTLE_SECONDS - time.time()))
            before = cpu_seconds(pid)
            time.sleep(max(0.0, begin + SETTLE_SECONDS + SECONDS - time.time()))
            used.append(cpu_seconds(pid) - before)
            time.sleep(BETWEEN_SECONDS)
            others.append(turn(other, url, pid, files))
        counted = loading.summary().entries
    if any(one.errors or not one.requests for one in counted):
        sys.exit(f"Locust: {counted}")
    locust = [(cpu * 1e6 / one.requests, one.requests_per_second) for cpu, one in zip(used, counted, strict=True)]
    for (cpu, speed), (other_cpu, other_speed) in zip(locust, others, strict=True):
        print(
            f"Locust {cpu:.0f} µs, {speed:,.0f} req/s; {other} {other_cpu:.0f} µs, {other_speed:,.0f} req/s", flush=True
        )
    return [
        (cpu / other_cpu, speed / other_speed)
        for (cpu, speed), (other_cpu, other_speed) in zip(locust, others, strict=True)
    ]


def entry(url: str, begin: float, seed: str) -> Entry:
    counted_from = begin + SETTLE_SECONDS
    end = counted_from + SECONDS + TAIL_SECONDS
    return Entry(
        start=begin,
        counted_from=counted_from,
        counted_to=counted_from + SECONDS,
        end=end,
        left_at=end + BETWEEN_SECONDS / 2,
        url=url,
        scenario=SCENARIO,
        users=USERS,
        seed=seed,
    )


def main(other: str, name: str = "starlette", pairs: int = PAIRS) -> None:
    variant = CONTRACT.contenders().named(name)[name]
    ratios: list[list[tuple[float, float]]] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        running_tiers(TierOptions(CONTRACT, SIZE, haproxy=False)) as tiers,
    ):
        for number in range(BLOCKS):
            files = Path(folder) / str(number)
            files.mkdir()
            with started_service(tiers, name, variant) as service:
                ratios.append(block(other, tiers.service_url, service.pid, files, pairs))
    for index, what in enumerate(("CPU per request", "requests per second")):
        means = [float(np.mean([np.log(pair[index]) for pair in of_block])) for of_block in ratios]
        interval = stats.ttest_1samp(means, 0).confidence_interval()
        low, high = np.exp(interval.low), np.exp(interval.high)
        print(f"{name}, {what}: Locust's ÷ {other}'s {np.exp(np.mean(means)):.3f} [{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    match sys.argv[1:]:
        case [other] if other in GENERATORS:
            main(other)
        case [other, name] if other in GENERATORS:
            main(other, name)
        case [other, name, pairs] if other in GENERATORS:
            main(other, name, int(pairs))
        case _:
            sys.exit(__doc__)
