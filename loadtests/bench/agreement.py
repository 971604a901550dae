"""Whether Locust in showdown's slices and wrk say the same of a service: both load it directly, in turn.

    .venv/bin/python loadtests/bench/agreement.py [VARIANT [PAIRS]]

Both ask for the same 20,000 random recipes of the same users. What the service cost is read from its CPU clock at both
ends of each turn. Locust compares the bodies; wrk is to see nothing but 200, and as many bytes for each answer.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import numpy as np
from scipy import stats
from showdown.contract.contract import load_contract
from showdown.generators.load import Load
from showdown.generators.locust import LocustGenerator
from showdown.generators.timetable import SETTLE_SECONDS, TAIL_SECONDS, Entry
from showdown.requests.kind import Seeded
from showdown.stacks.cpu_clock import cpu_seconds
from showdown.stacks.local import started_service
from showdown_stack.tiers import TierOptions, running_tiers

CONTRACT = load_contract()
SCENARIO, SIZE, USERS, REQUESTS = "recipe-detail", 2_000, 50, 20_000
SECONDS, PAIRS, BLOCKS = 3.0, 5, 3
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
    kind, random, seeded = CONTRACT.kinds[SCENARIO], Random(1), Seeded(SIZE)  # noqa: S311 - load, not secrets
    asked = [kind.of_any_user(random, seeded) for _ in range(REQUESTS)]
    requests = folder / "requests"
    requests.write_text("".join(f"{request.path} {request.headers['Cookie']}\n" for request in asked))
    script = folder / "requests.lua"
    script.write_text(WRK % json.dumps(str(requests)))
    return script


def by_wrk(url: str, pid: int, script: Path) -> tuple[float, float]:
    """CPU in µs for each request, and requests per second."""
    command = ["wrk", "--threads=1", f"--connections={USERS}", f"--duration={SECONDS:g}s", f"--script={script}", url]
    before = cpu_seconds(pid)
    seen = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    cpu = cpu_seconds(pid) - before
    if seen["errors"] or not seen["requests"] or seen["bytes"] < 1000 * seen["requests"]:
        sys.exit(f"wrk: {seen}")
    return cpu * 1e6 / seen["requests"], seen["requests"] / seen["seconds"]


def block(url: str, pid: int, script: Path, files: Path, pairs: int) -> list[tuple[float, float]]:
    """Of each pair, Locust's figure ÷ wrk's: CPU per request, and requests per second."""
    load = Load({SCENARIO: CONTRACT.scenarios.scenarios[SCENARIO]}, USERS, SIZE, files)
    step = SETTLE_SECONDS + 2 * (SECONDS + BETWEEN_SECONDS) + 2 * BETWEEN_SECONDS
    used: list[float] = []
    wrk: list[tuple[float, float]] = []
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
            wrk.append(by_wrk(url, pid, script))
        counted = loading.summary().entries
    if any(one.errors or not one.requests for one in counted):
        sys.exit(f"Locust: {counted}")
    locust = [(cpu * 1e6 / one.requests, one.requests_per_second) for cpu, one in zip(used, counted, strict=True)]
    for one, other in zip(locust, wrk, strict=True):
        print(f"Locust {one[0]:.0f} µs, {one[1]:,.0f} req/s; wrk {other[0]:.0f} µs, {other[1]:,.0f} req/s", flush=True)
    return [(one[0] / other[0], one[1] / other[1]) for one, other in zip(locust, wrk, strict=True)]


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


def main(name: str = "starlette", pairs: int = PAIRS) -> None:
    variant = CONTRACT.contenders().named(name)[name]
    ratios: list[list[tuple[float, float]]] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        running_tiers(TierOptions(CONTRACT, SIZE, haproxy=False)) as tiers,
    ):
        script = wrk_script(Path(folder))
        for number in range(BLOCKS):
            with started_service(tiers, name, variant) as service:
                ratios.append(block(tiers.service_url, service.pid, script, Path(folder) / str(number), pairs))
    for index, what in enumerate(("CPU per request", "requests per second")):
        means = [float(np.mean([np.log(pair[index]) for pair in of_block])) for of_block in ratios]
        interval = stats.ttest_1samp(means, 0).confidence_interval()
        low, high = np.exp(interval.low), np.exp(interval.high)
        print(f"{name}, {what}: Locust's ÷ wrk's {np.exp(np.mean(means)):.3f} [{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            main()
        case [name]:
            main(name)
        case [name, pairs]:
            main(name, int(pairs))
        case _:
            sys.exit(__doc__)
