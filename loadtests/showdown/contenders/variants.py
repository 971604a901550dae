"""The contenders of variants.toml."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from showdown_contract.lookup import Lookup

from showdown.selection import find, select
from showdown.toml_files import read_toml
from showdown.types import MOST_POOL, MOST_WORKERS, Argument, Line, Name, VariableName

VARIANTS = Path(__file__).resolve().parents[2] / "variants.toml"

# They name log files beside those of the stack, and a row beside pgbench's.
MOST_VARIANTS = 200
RESERVED = ("pgbench", "postgres", "pgbouncer", "haproxy")


def _not_reserved(name: str) -> str:
    if name in RESERVED:
        raise ValueError(f"{name} is the name of a part of the stack")
    return name


VariantName = Annotated[Name, AfterValidator(_not_reserved)]
Command = Annotated[list[Argument], Field(min_length=1, max_length=1000)]


class Variant(BaseModel):
    """A service with its knobs set. variants.toml explains the fields."""

    model_config = ConfigDict(extra="forbid")

    description: Line
    command: Command
    build: Command | None = None
    workers: Annotated[int, Field(strict=True, ge=1, le=MOST_WORKERS)]
    pool: Annotated[int, Field(strict=True, ge=1, le=MOST_POOL)]
    note: Line | None = None
    lookup: Lookup = "by-id"
    unbounded: frozenset[str] = frozenset()
    default: Annotated[bool, Field(strict=True)] = True
    environment: Annotated[dict[VariableName, Argument], Field(max_length=1000)] = {}

    def settings(self) -> dict[str, str]:
        """The environment variables that set the knobs."""
        return {
            **self.environment,
            "WORKERS": str(self.workers),
            "POOL_SIZE": str(self.pool),
            "LOOKUP": self.lookup,
        }


class VariantFile(BaseModel):
    """variants.toml."""

    model_config = ConfigDict(extra="forbid")

    baseline: str
    """The variant that the others are compared with, where it is measured."""
    renamed: Annotated[dict[Name, VariantName], Field(max_length=MOST_VARIANTS)] = {}
    """What earlier versions called a variant, and what it is called now."""
    variants: Annotated[dict[VariantName, Variant], Field(min_length=1, max_length=MOST_VARIANTS)]

    @model_validator(mode="after")
    def _baseline_is_a_variant(self) -> Self:
        if self.baseline not in self.variants:
            raise ValueError(f"baseline {self.baseline!r} is no variant")
        return self

    @model_validator(mode="after")
    def _a_run_has_variants(self) -> Self:
        if not self.by_default():
            raise ValueError("there is no variant whose default is true: a run would measure nothing")
        return self

    def named(self, names: str | None) -> dict[str, Variant]:
        """Those of a comma-separated list, all if None. Raises ShowdownError for an unknown name."""
        return select("variant", self.variants, names, self.renamed)

    def one(self, name: str) -> Variant:
        """The one of that name. Raises ShowdownError."""
        return find("variant", self.variants, name, self.renamed)

    def by_default(self) -> dict[str, Variant]:
        """Those that a run measures where none is named."""
        return {name: variant for name, variant in self.variants.items() if variant.default}


def load_variant_file(path: Path = VARIANTS) -> VariantFile:
    """All of variants.toml, in its order. Raises ShowdownError."""
    return read_toml(path, VariantFile)
