"""oha, the article's generator: lighter than Locust, but it does not check the answers."""

import json
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from showdown_contract.errors import ShowdownError
from showdown_contract.lookup import Lookup
from showdown_stack import programs
from showdown_stack.answers import Answer, fault
from showdown_stack.process import Process

from showdown.generators.light_user import light_requests
from showdown.generators.load import Load
from showdown.generators.measurement import Latency, LoadSummary
from showdown.requests.kind import Kinds, Request, Seeded
from showdown.requests.scenarios import MOST_ANSWER_BYTES, MOST_ANSWER_SECONDS, Scenario

# How often an answer is checked here, because oha checks none.
CHECK_SECONDS = 0.5
# Extra time for the warm-up's last answers.
GRACE_SECONDS = MOST_ANSWER_SECONDS + 10


@dataclass
class OhaGenerator:
    """Runs oha, and checks an answer now and then."""

    program: Path
    kinds: Kinds
    _requests: dict[tuple[str, Lookup], list[Request]] = field(default_factory=dict)
    _started_at: float = 0.0
    _checked_at: float = 0.0
    _checks: int = 0
    _wrong: list[str] = field(default_factory=list)

    def require(self, name: str, scenario: Scenario, recipes: int) -> None:
        light_requests(name, scenario, self.kinds, Seeded(recipes))

    def versions(self) -> dict[str, str]:
        return {"oha": programs.version(self.program)}

    def prepare(self, load: Load) -> None:
        """Warm up with a separate oha, because oha counts from its first request."""
        with self._run(load, load.profile.warm_up_seconds, load.file("-warm-up.json")) as process:
            process.wait_until(lambda: not process.running, load.profile.warm_up_seconds + GRACE_SECONDS)
        self._checks, self._wrong = 0, []

    def start(self, load: Load) -> Process:
        self._started_at = self._checked_at = time.time()
        return self._run(load, load.profile.measure_seconds, load.file(".json"))

    def check(self, load: Load) -> None:
        """Send a request like oha's, and record what is wrong with the answer."""
        if time.time() < self._checked_at + CHECK_SECONDS:
            return
        self._checked_at = time.time()
        requests = self._asked(load)
        request = requests[self._checks % len(requests)]
        self._checks += 1
        if wrong := _fault(load.url, request):
            self._wrong.append(wrong)

    def summary(self, load: Load) -> LoadSummary:
        ended_at = time.time()
        try:
            seen = json.loads(load.file(".json").read_bytes())
        except (OSError, ValueError):
            raise ShowdownError(f"oha ended without a summary: see {load.file('.log')}") from None
        try:
            return _summary(seen, self._asked(load)[0].status, self._started_at, ended_at, self._wrong)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ShowdownError(f"oha's summary is not as this version knows it: {error!r}") from None

    def _asked(self, load: Load) -> list[Request]:
        """The scenario's requests, built only once: checks must not take time from the measurement."""
        key = load.scenario_name, load.lookup
        if key not in self._requests:
            seeded = Seeded(load.recipes, load.lookup)
            self._requests[key] = light_requests(load.scenario_name, load.scenario, self.kinds, seeded)
        return self._requests[key]

    def _run(self, load: Load, seconds: float, output: Path) -> Process:
        requests = self._asked(load)
        urls = load.file("-urls.txt")
        urls.write_text("".join(f"{load.url}{path}\n" for path, *_ in requests))
        _, _, headers, method, body, _ = requests[0]
        command = [
            str(self.program), "--no-tui", "--output-format", "json", "--output", str(output),
            "-z", f"{seconds}s", "-c", str(load.profile.users), "--wait-ongoing-requests-after-deadline",
            # A slow answer must not keep oha running, and a redirect must not be followed.
            "--timeout", f"{MOST_ANSWER_SECONDS}s", "--redirect", "0",
        ]  # fmt: skip
        for name, value in headers.items():
            command += ["-H", f"{name}: {value}"]
        command += ["-m", method]
        if body is not None:
            command += ["-d", body.decode()]
        return Process("oha", [*command, "--urls-from-file", str(urls)], load.file(".log"), as_ourselves=True)


def find_oha(kinds: Kinds) -> OhaGenerator:
    """Find oha on PATH or where cargo puts it. Raises ShowdownError."""
    program = shutil.which("oha") or shutil.which("oha", path=str(Path.home() / ".cargo" / "bin"))
    if program is None:
        raise ShowdownError("oha is not installed: type `cargo install oha --locked`, or leave out --generator oha")
    # oha runs in another folder than this process.
    return OhaGenerator(Path(program).absolute(), kinds)


def _fault(url: str, request: Request) -> str | None:
    def judge(answer: Answer) -> str | None:
        if answer.status != request.status:
            return f"status {answer.status}"
        return None if answer.whole and request.right(answer.body) else "wrong body"

    question = request.method, request.path, request.body, request.headers
    return fault(judge, url, *question, MOST_ANSWER_SECONDS, MOST_ANSWER_BYTES)


def _summary(seen: dict[str, Any], status: int, started_at: float, ended_at: float, wrong: list[str]) -> LoadSummary:
    statuses: dict[str, int] = seen["statusCodeDistribution"]
    failures = {f"status {other}": n for other, n in statuses.items() if other != str(status)}
    failures |= seen["errorDistribution"]
    for what in wrong:
        failures[f"sampled: {what}"] = failures.get(f"sampled: {what}", 0) + 1
    total = sum(statuses.values()) + sum(seen["errorDistribution"].values())
    percentiles = seen["latencyPercentiles"] | {"max": seen["summary"]["slowest"]}
    return LoadSummary(
        measured_from=started_at,
        measured_to=ended_at,
        measured_seconds=seen["summary"]["total"],
        requests=total,
        errors=min(total, sum(failures.values())),
        latency_ms=Latency(**{name: (percentiles[name] or 0) * 1000 for name in Latency.model_fields}),
        failures=failures,
        total_requests=total,
    )
