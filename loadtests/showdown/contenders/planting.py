"""How work is planted at a layer of a service: what variants.toml says of it."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from showdown.types import Argument, Line, Name, VariableName

MOST_LAYERS = 20


class Planting(BaseModel):
    """variants.toml explains the fields."""

    model_config = ConfigDict(extra="forbid")

    variable: VariableName
    layers: Annotated[dict[Name, Line], Field(min_length=1, max_length=MOST_LAYERS)]
    commands: Annotated[dict[Argument, list[Argument]], Field(min_length=1, max_length=MOST_LAYERS)]

    def can(self, command: Sequence[str]) -> bool:
        """Whether a command has a word for which there are others."""
        return any(word in self.commands for word in command)

    def command(self, command: Sequence[str]) -> list[str]:
        """The same command of a program that does the work."""
        return [other for word in command for other in self.commands.get(word, [word])]

    def environment(self, layer: str, microseconds: int) -> dict[str, str]:
        """What that program is told."""
        return {self.variable: f"{layer}={microseconds}"}
