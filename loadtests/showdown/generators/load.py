"""The load of one round, and the interface of a generator."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from pydantic import TypeAdapter
from showdown_contract.lookup import Lookup

from showdown.generators.measurement import LoadSummary
from showdown.requests.scenarios import Profile, Scenario


@dataclass(frozen=True)
class Load:
    """One round's load."""

    url: str
    scenario_name: str
    scenario: Scenario
    profile: Profile
    recipes: int
    seed: int
    files: Path
    """A path without suffix: the generator's own files start with it."""
    lookup: Lookup = "by-id"
    """Which recipe the service answers."""

    def file(self, suffix: str) -> Path:
        return self.files.with_name(f"{self.files.name}{suffix}")


LOAD = TypeAdapter(Load)
"""For a load that is sent to another host as JSON."""


class Running(Protocol):
    """Something that was started and should run until it is stopped."""

    @property
    def name(self) -> str: ...

    @property
    def running(self) -> bool: ...

    @property
    def exit_code(self) -> int | None: ...

    def log_tail(self) -> str: ...

    def how_it_ended(self, when: str = "") -> str: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Generator(Protocol):
    """A program that loads a service."""

    def require(self, name: str, scenario: Scenario, recipes: int) -> None:
        """Raise ShowdownError if it cannot run a scenario."""

    def versions(self) -> dict[str, str]:
        """The generator's name and version."""

    def prepare(self, load: Load) -> None:
        """Do what must be done before the measured process starts. Raises ShowdownError."""

    def start(self, load: Load) -> Running:
        """Start the load, which ends by itself."""

    def check(self, load: Load) -> None:
        """Called while it runs, about ten times a second."""

    def summary(self, load: Load) -> LoadSummary:
        """What the process measured, after it has ended. Raises ShowdownError if it wrote nothing."""
