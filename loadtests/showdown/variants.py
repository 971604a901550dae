"""The contenders of variants.toml."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveInt, model_validator
from showdown_contract.lookup import Lookup

from showdown.tables import read_toml

VARIANTS = Path(__file__).resolve().parents[1] / "variants.toml"

# They name log files beside those of the stack, and a row beside pgbench's.
RESERVED = ("pgbench", "postgres", "pgbouncer", "haproxy")


def _not_reserved(name: str) -> str:
    if name in RESERVED:
        raise ValueError(f"{name} is the name of a part of the stack")
    return name


Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"), AfterValidator(_not_reserved)]
Command = Annotated[list[str], Field(min_length=1)]


class Variant(BaseModel):
    """A service with its knobs set. variants.toml explains the fields."""

    model_config = ConfigDict(extra="forbid")

    description: str
    command: Command
    build: Command | None = None
    workers: PositiveInt
    pool: PositiveInt
    note: str | None = None
    lookup: Lookup = "by-id"
    default: bool = True
    environment: dict[str, str] = {}

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
    variants: Annotated[dict[Name, Variant], Field(min_length=1)]

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

    def by_default(self) -> dict[str, Variant]:
        """Those that a run measures where none is named."""
        return {name: variant for name, variant in self.variants.items() if variant.default}


def load_variant_file(path: Path = VARIANTS) -> VariantFile:
    """All of variants.toml, in its order. Raises ShowdownError."""
    return read_toml(path, VariantFile)
