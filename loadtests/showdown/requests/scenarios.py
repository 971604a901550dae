"""The workloads and profiles of scenarios.toml."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from showdown.requests.kind import Kinds
from showdown.requests.upstream import Behaviours
from showdown.selection import unknown
from showdown.toml_files import read_toml
from showdown.types import Line, Name

# Far above any right answer. A larger or slower answer is a failure, and generators stop reading it.
MOST_ANSWER_BYTES = 2**20
MOST_ANSWER_SECONDS = 10

# A profile is bounded where a mistyped number would otherwise take the machine, or years.
MOST_SCENARIOS, MOST_BLOCKS, MOST_LAPS, MOST_USERS, MOST_SECONDS = 100, 1_000, 1_000, 10_000, 24 * 3600

# In less time a handful of slow requests would be all that a slice sees.
Seconds = Annotated[float, Field(ge=0.5, le=MOST_SECONDS, allow_inf_nan=False)]


def _is_known(name: str, info: ValidationInfo) -> str:
    kinds: Kinds | None = info.context
    # Without a context (a load sent to another host) the kinds have been checked already.
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
    upstream: Behaviours = {}
    """How the upstream behaves meanwhile, where services call one."""

    def calls_upstream(self, kinds: Kinds) -> bool:
        """Whether some of its requests make a service call an upstream."""
        return any(kinds[name].upstream for name in self.requests)


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
    adjusted: bool = False
    """At a rate: whether ratios of CPU a request are adjusted for how fast the machine was in each slice."""


class ScenarioFile(BaseModel):
    """scenarios.toml."""

    model_config = ConfigDict(extra="forbid")

    scenarios: Annotated[dict[Name, Scenario], Field(max_length=MOST_SCENARIOS)]
    profiles: Annotated[dict[Name, Profile], Field(min_length=1, max_length=MOST_SCENARIOS)]


def load_scenario_file(path: Path, kinds: Kinds) -> ScenarioFile:
    """All of a scenarios.toml, whose requests are of these kinds. Raises ShowdownError."""
    return read_toml(path, ScenarioFile, kinds)
