"""Locust with our locustfile: many users, every answer compared."""

import math
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from pydantic import ValidationError
from showdown_contract.errors import ShowdownError
from showdown_stack.process import Process

from showdown.generators.load import Load
from showdown.generators.measurement import LoadSummary
from showdown.requests.scenarios import Scenario

LOCUSTFILE = Path(__file__).resolve().parents[2] / "locustfile.py"
# The load goes on after the measured seconds, so that their end is as steady as their middle.
TAIL_SECONDS = 1.5
STOP_SECONDS = 5


@dataclass(frozen=True)
class LocustGenerator:
    """Runs Locust without its user interface."""

    role: tuple[str, ...] = ()
    """Arguments that make it the master or a worker of a distributed Locust."""
    contract: tuple[str, ...] = ()
    """Arguments that name another contract than the recipes'."""

    def require(self, name: str, scenario: Scenario, recipes: int) -> None:
        """Do nothing: Locust can run every scenario."""

    def versions(self) -> dict[str, str]:
        return {"locust": version("locust")}

    def prepare(self, load: Load) -> None:
        """Do nothing: the warm-up is part of Locust's run."""

    def start(self, load: Load) -> Process:
        profile = load.profile
        arguments = {
            "--locustfile": LOCUSTFILE,
            "--host": load.url,
            "--users": profile.users,
            "--spawn-rate": profile.users,
            "--run-time": f"{math.ceil(profile.warm_up_seconds + profile.measure_seconds + TAIL_SECONDS)}s",
            "--loglevel": "WARNING",
            # Wait for requests in flight at the end, because Postgres has counted their statements.
            "--stop-timeout": STOP_SECONDS,
            "--exit-code-on-error": 0,
            "--scenario": load.scenario_name,
            "--recipes": load.recipes,
            "--seed": load.seed,
            "--lookup": load.lookup,
            "--warm-up": profile.warm_up_seconds,
            "--measure": profile.measure_seconds,
            "--summary": load.file(".json"),
        }
        words = [str(word) for pair in arguments.items() for word in pair]
        command = [sys.executable, "-m", "locust", "--headless", "--only-summary", *words, *self.contract, *self.role]
        return Process("Locust", command, load.file(".log"), as_ourselves=True)

    def check(self, load: Load) -> None:
        """Do nothing: Locust checks every answer itself."""

    def summary(self, load: Load) -> LoadSummary:
        try:
            return LoadSummary.model_validate_json(load.file(".json").read_bytes())
        except (OSError, ValidationError):
            raise ShowdownError(f"Locust ended without a summary: see {load.file('.log')}") from None
