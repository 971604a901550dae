"""The load of one block: what is requested of which service, and when; and the interface of a generator."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from pydantic import TypeAdapter

from showdown.generators.measurement import LoadSummary
from showdown.generators.timetable import Timetable
from showdown.requests.scenarios import Scenario


@dataclass(frozen=True)
class Load:
    """What is known of a block's load before its timetable is."""

    scenarios: Mapping[str, Scenario]
    users: int
    """The users of the entry that has most."""
    size: int
    files: Path
    """A path without suffix: the generator's own files start with it."""

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


class Loading(Protocol):
    """A generator in the course of a block. A context manager: in the end nothing of it runs."""

    def wait_until_ready(self) -> None:
        """Return when it only waits for its timetable. Raises ShowdownError."""

    def follow(self, timetable: Timetable) -> None:
        """Follow this timetable from now on."""

    def begin(self, index: int) -> None:
        """An entry of the timetable is about to start."""

    @property
    def process(self) -> Running | None:
        """What sends the requests now; None where nothing does."""

    def check(self) -> None:
        """Called about ten times a second. Raises ShowdownError where it can go on no longer."""

    def stop(self) -> None:
        """Nothing more is wanted: what it has seen so far is its summary."""

    def summary(self) -> LoadSummary:
        """What it saw of all entries, once the last is over or nothing more is wanted. Raises ShowdownError."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Generator(Protocol):
    """A program that loads a service."""

    def require(self, name: str, scenario: Scenario, size: int) -> None:
        """Raise ShowdownError if it cannot run a scenario."""

    def versions(self) -> dict[str, str]:
        """The generator's name and version."""

    def start(self, load: Load) -> Loading:
        """Get ready for a block's load. In the end it has to be left as a context manager."""
