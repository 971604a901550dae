"""The contenders of variants.toml."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from showdown.tables import read_toml

VARIANTS = Path(__file__).resolve().parents[1] / "variants.toml"

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
    environment: dict[str, str] = {}

    def settings(self) -> dict[str, str]:
        """The environment variables that set the knobs."""
        return {**self.environment, "WORKERS": str(self.workers), "POOL_SIZE": str(self.pool)}


class VariantFile(BaseModel):
    """variants.toml."""

    model_config = ConfigDict(extra="forbid")

    baseline: str
    variants: Annotated[dict[str, Variant], Field(min_length=1)]


def load_variant_file(path: Path = VARIANTS) -> VariantFile:
    """All of variants.toml, in its order. Raises ShowdownError."""
    return read_toml(path, VariantFile)
