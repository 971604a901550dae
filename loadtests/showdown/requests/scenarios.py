"""The workloads and profiles of scenarios.toml."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from showdown.requests.kind import Kinds
from showdown.requests.registry import KINDS
from showdown.selection import unknown
from showdown.toml_files import read_toml
from showdown.types import Line, Name

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios.toml"

# What no right answer comes near: one of more is a failure, and no generator waits for its end.
MOST_ANSWER_BYTES = 2**20
MOST_ANSWER_SECONDS = 10

# A profile is bounded where a mistyped number would otherwise take the machine, or years.
MOST_SCENARIOS, MOST_BLOCKS, MOST_LAPS, MOST_USERS, MOST_SECONDS = 100, 1_000, 1_000, 10_000, 24 * 3600

# In less time a handful of slow requests would be all that a slice sees.
Seconds = Annotated[float, Field(ge=0.5, le=MOST_SECONDS, allow_inf_nan=False)]


def _is_known(name: str, info: ValidationInfo) -> str:
    kinds: Kinds | None = info.context
    # A load that another host was sent names kinds that were looked up before.
    if kinds is not None and name not in kinds:
        raise ValueError(unknown("kind of request", kinds, name))
    return name


KindName = Annotated[Name, AfterValidator(_is_known)]


class Scenario(BaseModel):
    """A mix of requests."""

    model_config = ConfigDict(extra="forbid")

    description: Line
    requests: Annotated[dict[KindName, Annotated[int, Field(strict=True, ge=1, le=1_000_000)]], Field(min_length=1)]
    """Kinds of request and their weights."""


class Profile(BaseModel):
    """How much a run measures."""

    model_config = ConfigDict(extra="forbid")

    description: Line
    scenarios: Annotated[list[Name], Field(min_length=1, max_length=MOST_SCENARIOS)]
    blocks: Annotated[int, Field(strict=True, ge=1, le=MOST_BLOCKS)]
    """How often all variants are started, and stopped again."""
    laps: Annotated[int, Field(strict=True, ge=1, le=MOST_LAPS)]
    """How many slices each variant has in a block, of each scenario."""
    users: Annotated[int, Field(strict=True, ge=1, le=MOST_USERS)]
    """Requests under way at a time."""
    warm_up_seconds: Seconds
    """Of each variant at the start of a block, for each scenario."""
    slice_seconds: Seconds


class ScenarioFile(BaseModel):
    """scenarios.toml."""

    model_config = ConfigDict(extra="forbid")

    scenarios: Annotated[dict[Name, Scenario], Field(max_length=MOST_SCENARIOS)]
    profiles: Annotated[dict[Name, Profile], Field(min_length=1, max_length=MOST_SCENARIOS)]


def load_scenario_file(path: Path = SCENARIOS, kinds: Kinds = KINDS) -> ScenarioFile:
    """All of scenarios.toml, whose requests are of these kinds. Raises ShowdownError."""
    return read_toml(path, ScenarioFile, kinds)


def load_scenarios() -> dict[str, Scenario]:
    """The scenarios by name. Raises ShowdownError."""
    return load_scenario_file().scenarios
