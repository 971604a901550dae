"""The faults of faults.toml."""

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo
from showdown_contract.errors import ShowdownError

from showdown.contract.contract import Contract
from showdown.contract.file import Table
from showdown.faults.actions.all_actions import ACTIONS
from showdown.requests.upstream import Milliseconds
from showdown.selection import find, select, unknown
from showdown.toml_files import read_toml
from showdown.types import Line, Name

FILE = "faults.toml"
# A mistyped number would otherwise take hours.
MOST_FAULTS, MOST_SECONDS, MOST_INSTANCES = 100, 600.0, 8
Tier: TypeAlias = Literal["pgbouncer", "link", "upstream", "disk"]


def _is_known(name: str) -> str:
    if name not in ACTIONS:
        raise ValueError(unknown("action", ACTIONS, name))
    return name


def _is_scenario(name: str, info: ValidationInfo) -> str:
    # Without a context (results that are read again) the name has been checked already.
    if info.context is not None and name not in info.context:
        raise ValueError(unknown("scenario", info.context, name))
    return name


class Fault(BaseModel):
    """One fault. The head of loadtests/faults.toml explains the fields."""

    model_config = ConfigDict(extra="forbid")

    description: Line
    does: Line
    action: Annotated[Name, AfterValidator(_is_known)]
    scenario: Annotated[Name, AfterValidator(_is_scenario)]
    seconds: Annotated[float, Field(ge=0, le=MOST_SECONDS, allow_inf_nan=False)]
    watched_seconds: Annotated[float, Field(ge=1, le=MOST_SECONDS, allow_inf_nan=False)]
    tiers: Annotated[list[Tier], Field(max_length=4)] = []
    instances: Annotated[int, Field(strict=True, ge=1, le=MOST_INSTANCES)] = 1
    latency_ms: Milliseconds = 0
    may_fail: bool = True


class Acknowledged(BaseModel):
    """Where a row is that a 201 has acknowledged."""

    model_config = ConfigDict(extra="forbid")

    kind: Name
    table: Table


class FaultFile(BaseModel):
    """faults.toml."""

    model_config = ConfigDict(extra="forbid")

    acknowledged: Acknowledged
    faults: Annotated[dict[Name, Fault], Field(min_length=1, max_length=MOST_FAULTS)]

    def named(self, names: str | None) -> dict[str, Fault]:
        """The faults of a comma-separated list of names, all if None. Raises ShowdownError."""
        return select("fault", self.faults, names)


def fault_file(contract: Contract) -> Path:
    """Where a contract's faults are, if it has any: beside its scenarios."""
    return contract.file.scenarios.with_name(FILE)


def load_fault_file(contract: Contract) -> FaultFile:
    """Those of a contract. Raises ShowdownError."""
    path = fault_file(contract)
    if not path.exists():
        raise ShowdownError(f"{contract.name} has no faults: there is no {path}")
    file = read_toml(path, FaultFile, contract.scenarios.scenarios)
    find("kind of request", contract.kinds, file.acknowledged.kind)
    return file
