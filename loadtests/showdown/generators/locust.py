"""Locust with our locustfile: many users, every answer compared."""

import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Self

from pydantic import ValidationError
from showdown_contract.errors import ShowdownError
from showdown_stack.process import Process

from showdown.generators.load import Load
from showdown.generators.measurement import LoadSummary
from showdown.generators.timetable import Timetable, write_timetable
from showdown.requests.scenarios import Scenario

LOCUSTFILE = Path(__file__).resolve().parents[2] / "locustfile.py"
START_SECONDS = 60.0
STOP_SECONDS = 5
# After the last entry: for its summary.
END_SECONDS = 30.0
TIMETABLE, AWAITED, SUMMARY, LOG = "-timetable.json", "-timetable.awaited", "-locust.json", "-locust.log"


@dataclass(frozen=True)
class LocustGenerator:
    """Runs Locust without its user interface."""

    role: tuple[str, ...] = ()
    """Arguments that make it the master or a worker of a distributed Locust."""
    contract: tuple[str, ...] = ()
    """Arguments that name another contract than the recipes'."""

    def require(self, name: str, scenario: Scenario, size: int) -> None:
        """Do nothing: Locust can run every scenario."""

    def versions(self) -> dict[str, str]:
        return {"locust": version("locust")}

    def start(self, load: Load) -> "LocustLoading":
        for stale in (TIMETABLE, AWAITED, SUMMARY):
            load.file(stale).unlink(missing_ok=True)
        arguments = {
            "--locustfile": LOCUSTFILE,
            # Each entry of the timetable names its own.
            "--host": "http://127.0.0.1",
            "--users": load.users,
            "--spawn-rate": load.users,
            "--loglevel": "WARNING",
            # Wait for requests in flight at the end, because Postgres has counted their statements.
            "--stop-timeout": STOP_SECONDS,
            "--exit-code-on-error": 0,
            "--size": load.size,
            "--timetable": load.file(TIMETABLE),
            "--summary": load.file(SUMMARY),
        }
        words = [str(word) for pair in arguments.items() for word in pair]
        command = [sys.executable, "-m", "locust", "--headless", "--only-summary", *words, *self.contract, *self.role]
        return LocustLoading(Process("Locust", command, load.file(LOG), as_ourselves=True), load)


@dataclass(frozen=True)
class LocustLoading:
    """One Locust, which lives through a block."""

    process: Process
    load: Load

    @property
    def is_ready(self) -> bool:
        """Whether all users are there."""
        return self.load.file(AWAITED).exists()

    def wait_until_ready(self) -> None:
        self.process.wait_until(lambda: self.is_ready, START_SECONDS)

    def follow(self, timetable: Timetable) -> None:
        write_timetable(self.load.file(TIMETABLE), timetable)

    def begin(self, index: int) -> None:
        """Do nothing: Locust follows the clock."""

    def check(self) -> None:
        """Raise ShowdownError where it has ended; it looks at every answer itself."""
        if not self.process.running and self.process.exit_code != 0:
            raise ShowdownError(self.process.how_it_ended(" in mid-run"))

    def summary(self) -> LoadSummary:
        if not self.load.file(TIMETABLE).exists():
            return LoadSummary(entries=[])
        end = time.monotonic() + END_SECONDS
        while self.process.running and time.monotonic() < end:
            time.sleep(0.05)
        self.process.stop()
        return read_summary(self.load)

    def stop(self) -> None:
        """In mid-block, too; what it has seen so far is in its summary then."""
        self.process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def read_summary(load: Load) -> LoadSummary:
    """What an ended Locust has left. Raises ShowdownError where that is nothing."""
    try:
        return LoadSummary.model_validate_json(load.file(SUMMARY).read_bytes())
    except (OSError, ValidationError):
        raise ShowdownError(f"Locust ended without a summary: see {load.file(LOG)}") from None
