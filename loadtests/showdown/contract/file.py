"""contract.toml: its fields, and what may be in them."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ImportString,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from showdown.contract.asked import AskedKind
from showdown.types import Line, Name

MOST = 1_000

# They are written into haproxy's configuration.
Route = Annotated[str, StringConstraints(strict=True, pattern=r"^/[A-Za-z0-9._~/-]*$", max_length=200)]
Table = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=63)]
# Where haproxy has an answer of its own.
ErrorStatus = Literal["400", "404", "408", "413", "431", "500", "502", "503", "504"]


def _is_there(path: Path, info: ValidationInfo) -> Path:
    """Resolve a path against the contract's folder, which is the validation context; it must exist."""
    folder: Path = info.context or Path()
    found = folder / path
    if not found.exists():
        raise ValueError(f"{found} is not there")
    return found


There = Annotated[Path, AfterValidator(_is_there)]


class Sql(BaseModel):
    """A data set that is SQL."""

    model_config = ConfigDict(extra="forbid")

    schema_file: There = Field(alias="schema")
    seed: There
    reset: There
    grants: dict[Table, list[Literal["INSERT", "UPDATE", "DELETE"]]] = {}
    """What services may do to a table beside reading it."""


class Python(BaseModel):
    """What is code, each as "module:name"."""

    model_config = ConfigDict(extra="forbid")

    data: ImportString[Any] = None
    golden: ImportString[Any] = None
    requests: ImportString[Any] = None
    raw: ImportString[Any] = None


class ContractFile(BaseModel):
    """contract.toml."""

    model_config = ConfigDict(extra="forbid", validate_default=True)

    name: Name
    description: Line
    health: Route
    routes: Annotated[list[Route], Field(min_length=1, max_length=MOST)]
    root: There = Path()
    variants: There = Path("variants.toml")
    scenarios: There = Path("scenarios.toml")
    chains: There | None = None
    served: Name | None = None
    """The variant of `showdown up` where none is named; else the baseline."""
    example: Line = ""
    """What to try against a service, with <url> for its URL."""
    data: Sql | None = None
    golden: There | None = None
    requests: Annotated[dict[Name, AskedKind], Field(min_length=1, max_length=MOST)] | None = None
    python: Python = Python()
    errors: dict[ErrorStatus, There] = {}
    """The bodies of haproxy's own answers."""

    @model_validator(mode="after")
    def _says_each_once(self) -> Self:
        for part in ("data", "golden", "requests"):
            if (getattr(self, part) is None) == (getattr(self.python, part) is None):
                raise ValueError(f"say {part} either as data or as python.{part}")
        return self
