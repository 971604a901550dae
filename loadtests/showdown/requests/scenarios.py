"""The workloads and profiles of scenarios.toml."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from showdown.toml_files import read_toml
from showdown.types import Line, Name

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios.toml"

# What every generator asks a list for, and writes as a note.
LIST_LIMIT = 100
NOTE = 'Less salt, more lemon; see https://recipes.example/?a=1&b="2" — worth it.'

# What no right answer comes near: one of more is a failure, and no generator waits for its end.
MOST_ANSWER_BYTES = 2**20
MOST_ANSWER_SECONDS = 10

# A profile is bounded where a mistyped number would otherwise take the machine, or years.
MOST_SCENARIOS, MOST_ROUNDS, MOST_USERS, MOST_SECONDS = 100, 100, 10_000, 24 * 3600

Seconds = Annotated[int, Field(strict=True, ge=1, le=MOST_SECONDS)]
RequestKind = Literal["healthz", "recipe-detail", "recipe-list", "note-create"]


class Scenario(BaseModel):
    """A mix of requests."""

    model_config = ConfigDict(extra="forbid")

    description: Line
    requests: Annotated[dict[RequestKind, Annotated[int, Field(strict=True, ge=1, le=1_000_000)]], Field(min_length=1)]
    """Kinds of request and their weights."""


class Profile(BaseModel):
    """How much a run measures."""

    model_config = ConfigDict(extra="forbid")

    description: Line
    scenarios: Annotated[list[Name], Field(min_length=1, max_length=MOST_SCENARIOS)]
    rounds: Annotated[int, Field(strict=True, ge=1, le=MOST_ROUNDS)]
    users: Annotated[int, Field(strict=True, ge=1, le=MOST_USERS)]
    """Requests under way at a time."""
    warm_up_seconds: Seconds
    measure_seconds: Seconds


class ScenarioFile(BaseModel):
    """scenarios.toml."""

    model_config = ConfigDict(extra="forbid")

    scenarios: Annotated[dict[Name, Scenario], Field(max_length=MOST_SCENARIOS)]
    profiles: Annotated[dict[Name, Profile], Field(max_length=MOST_SCENARIOS)]


def load_scenario_file(path: Path = SCENARIOS) -> ScenarioFile:
    """All of scenarios.toml. Raises ShowdownError."""
    return read_toml(path, ScenarioFile)


def load_scenarios() -> dict[str, Scenario]:
    """The scenarios by name. Raises ShowdownError."""
    return load_scenario_file().scenarios
