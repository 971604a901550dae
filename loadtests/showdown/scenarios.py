"""The workloads and profiles of scenarios.toml."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from showdown.tables import read_toml

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios.toml"

# What every generator asks a list for, and writes as a note.
LIST_LIMIT = 100
NOTE = 'Less salt, more lemon; see https://recipes.example/?a=1&b="2" — worth it.'

# What no right answer comes near: one of more is a failure, and no generator waits for its end.
MOST_ANSWER_BYTES = 2**20
MOST_ANSWER_SECONDS = 10

RequestKind = Literal["healthz", "recipe-detail", "recipe-list", "note-create"]


class Scenario(BaseModel):
    """A mix of requests."""

    model_config = ConfigDict(extra="forbid")

    description: str
    requests: Annotated[dict[RequestKind, PositiveInt], Field(min_length=1)]
    """Kinds of request and their weights."""


class Profile(BaseModel):
    """How much a run measures."""

    model_config = ConfigDict(extra="forbid")

    description: str
    scenarios: Annotated[list[str], Field(min_length=1)]
    rounds: PositiveInt
    users: PositiveInt
    """Requests under way at a time."""
    warm_up_seconds: PositiveInt
    measure_seconds: PositiveInt


class ScenarioFile(BaseModel):
    """scenarios.toml."""

    model_config = ConfigDict(extra="forbid")

    scenarios: dict[str, Scenario]
    profiles: dict[str, Profile]


def load_scenario_file(path: Path = SCENARIOS) -> ScenarioFile:
    """All of scenarios.toml. Raises ShowdownError."""
    return read_toml(path, ScenarioFile)


def load_scenarios() -> dict[str, Scenario]:
    """The scenarios by name. Raises ShowdownError."""
    return load_scenario_file().scenarios
