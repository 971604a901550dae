"""oha, the article's generator: lighter than Locust, but it does not check the answers."""

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from showdown_contract.errors import ShowdownError
from showdown_stack import programs
from showdown_stack.answers import Answer, fault
from showdown_stack.process import Process

from showdown.generators.latencies import encoded, new_histogram, record
from showdown.generators.light_user import light_requests
from showdown.generators.load import Load, Loading
from showdown.generators.measurement import Counted, LoadSummary
from showdown.generators.timetable import Entry, Timetable
from showdown.requests.kind import Kinds, Request, Seeded
from showdown.requests.scenarios import MOST_ANSWER_BYTES, MOST_ANSWER_SECONDS, Scenario

# How often an answer is checked here, because oha checks none.
CHECK_SECONDS = 0.5
# For the answers that are under way at its end, before it is stopped.
END_SECONDS = 0.2


@dataclass(frozen=True)
class OhaGenerator:
    """Runs oha, and checks an answer now and then."""

    program: Path
    kinds: Kinds

    def require(self, name: str, scenario: Scenario, size: int) -> None:
        light_requests(name, scenario, self.kinds, Seeded(size))

    def versions(self) -> dict[str, str]:
        return {"oha": programs.version(self.program)}

    def start(self, load: Load) -> Loading:
        return OhaLoading(self.program, self.kinds, load)


class OhaLoading:
    """One oha after another: each lives through one entry, and counts from its first request to its last."""

    def __init__(self, program: Path, kinds: Kinds, load: Load) -> None:
        self._program = program
        self._kinds = kinds
        self._load = load
        self._timetable: Timetable = []
        self._requests: dict[tuple[str, str], list[Request]] = {}
        self._process: Process | None = None
        self._index = -1
        self._checked_at = 0.0
        self._checks = 0
        self._wrong: dict[int, list[str]] = {}

    def wait_until_ready(self) -> None:
        """It is: each starts when its time has come."""

    def follow(self, timetable: Timetable) -> None:
        """Put all requests together now: that must not take time from what is measured."""
        self._timetable = timetable
        for entry in timetable:
            self._asked(entry)

    def begin(self, index: int) -> None:
        self._end()
        self._index, self._checks, self._checked_at = index, 0, time.time()
        self._process = self._run(index)

    @property
    def process(self) -> Process | None:
        return self._process

    def check(self) -> None:
        """Ask as oha does, and keep what is wrong with the answer."""
        entry = self._timetable[self._index] if self._process else None
        if (
            entry is None
            or not entry.start <= time.time() < entry.end
            or time.time() < self._checked_at + CHECK_SECONDS
        ):
            return
        self._checked_at = time.time()
        requests = self._asked(entry)
        request = requests[self._checks % len(requests)]
        self._checks += 1
        if wrong := _fault(entry.url, request):
            self._wrong.setdefault(self._index, []).append(wrong)

    def stop(self) -> None:
        self._end()

    def summary(self) -> LoadSummary:
        self._end()
        return LoadSummary(entries=[self._counted(index) for index in range(self._index + 1)])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _counted(self, index: int) -> Counted:
        output = self._file(index, ".json")
        try:
            seen = json.loads(output.read_bytes())
        except (OSError, ValueError):
            raise ShowdownError(f"oha ended without a summary: see {self._file(index, '.log')}") from None
        try:
            return counted(seen, self._asked(self._timetable[index])[0].status, self._wrong.get(index, []))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ShowdownError(f"oha's summary is not as this version knows it: {error!r}") from None

    def _asked(self, entry: Entry) -> list[Request]:
        key = entry.scenario, entry.lookup
        if key not in self._requests:
            seeded = Seeded(self._load.size, entry.lookup)
            scenario = self._load.scenarios[entry.scenario]
            self._requests[key] = light_requests(entry.scenario, scenario, self._kinds, seeded)
        return self._requests[key]

    def _run(self, index: int) -> Process:
        entry = self._timetable[index]
        requests = self._asked(entry)
        urls = self._file(index, "-urls.txt")
        urls.write_text("".join(f"{entry.url}{path}\n" for path, *_ in requests))
        _, _, headers, method, body, _ = requests[0]
        command = [
            str(self._program), "--no-tui", "--output-format", "json", "--output", str(self._file(index, ".json")),
            "-z", f"{round((entry.end - entry.start) * 1000)}ms", "-c", str(entry.users),
            "--wait-ongoing-requests-after-deadline",
            # A slow answer must not keep oha running, and a redirect must not be followed.
            "-t", f"{MOST_ANSWER_SECONDS}s", "--redirect", "0",
        ]  # fmt: skip
        for name, value in headers.items():
            command += ["-H", f"{name}: {value}"]
        command += ["-m", method]
        if body is not None:
            command += ["-d", body.decode()]
        return Process("oha", [*command, "--urls-from-file", str(urls)], self._file(index, ".log"), as_ourselves=True)

    def _file(self, index: int, suffix: str) -> Path:
        return self._load.file(f"-oha-{index}{suffix}")

    def _end(self) -> None:
        process, self._process = self._process, None
        if process:
            end = time.monotonic() + END_SECONDS
            while process.running and time.monotonic() < end:
                time.sleep(0.01)
            process.stop()


def find_oha(kinds: Kinds) -> OhaGenerator:
    """Find oha on PATH or where cargo puts it. Raises ShowdownError."""
    program = shutil.which("oha") or shutil.which("oha", path=str(Path.home() / ".cargo" / "bin"))
    if program is None:
        raise ShowdownError("oha is not installed: type `cargo install oha --locked`, or leave out --generator oha")
    # oha runs in another folder than this process.
    return OhaGenerator(Path(program).absolute(), kinds)


def _fault(url: str, request: Request) -> str | None:
    def judge(answer: Answer) -> str | None:
        return request.failure(answer.status, answer.body) or (None if answer.whole else "wrong body")

    question = request.method, request.path, request.body, request.headers
    return fault(judge, url, *question, MOST_ANSWER_SECONDS, MOST_ANSWER_BYTES)


def counted(seen: dict[str, Any], status: int, wrong: list[str]) -> Counted:
    """What oha's report says, and what samples have found wrong."""
    statuses: dict[str, int] = seen["statusCodeDistribution"]
    failures = {f"status {other}": n for other, n in statuses.items() if other != str(status)}
    failures |= seen["errorDistribution"]
    for what in wrong:
        failures[f"sampled: {what}"] = failures.get(f"sampled: {what}", 0) + 1
    total = sum(statuses.values()) + sum(seen["errorDistribution"].values())
    errors = min(total, sum(failures.values()))
    return Counted(
        measured_seconds=seen["summary"]["total"],
        requests=total,
        errors=errors,
        histogram=_histogram(seen, total - errors),
        failures=failures,
        total_requests=total,
    )


def _histogram(seen: dict[str, Any], answers: int) -> str:
    """Oha tells some percentiles: between two of them all answers are taken to be like the upper one."""
    percentiles = {float(name[1:]): seconds for name, seconds in seen["latencyPercentiles"].items()}
    percentiles[100.0] = seen["summary"]["slowest"]
    histogram = new_histogram()
    recorded = 0
    for percentile in sorted(percentiles):
        seconds = percentiles[percentile]
        upto = int(answers * percentile / 100 + 0.5)
        if seconds is not None and upto > recorded:
            record(histogram, seconds * 1000, upto - recorded)
            recorded = upto
    return encoded(histogram)
