"""What results say of planted work: where it was, how much of it, and which variants had it."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from showdown.contenders.planting import Planting
from showdown.contenders.variants import MOST_VARIANTS, Variant, VariantName
from showdown.types import Name, Record

MOST_MICROSECONDS = 1_000_000

Microseconds = Annotated[int, Field(strict=True, ge=0, le=MOST_MICROSECONDS)]


class Planted(Record):
    """A variant of the run."""

    variant: VariantName
    layer: Name
    microseconds: Microseconds
    """For each request."""


class Virtual(Record):
    """What a run has measured of one variant. The first of its points has no work, and is that of all layers."""

    of: VariantName
    points: Annotated[list[Planted], Field(min_length=2, max_length=MOST_VARIANTS)]

    def layers(self) -> dict[str, dict[int, str]]:
        """By layer and by microseconds, the variant; that without work is in each."""
        none, *others = self.points
        found: dict[str, dict[int, str]] = {}
        for each in others:
            found.setdefault(each.layer, {none.microseconds: none.variant})[each.microseconds] = each.variant
        return found

    def originals(self) -> dict[str, str]:
        """By variant of the run, the one that it stands for."""
        return {each.variant: self.of for each in self.points}

    def variants(self, planting: Planting, known: Mapping[str, Variant]) -> dict[str, Variant]:
        """Those of the run, without a twin."""
        of = known[self.of]
        return {
            each.variant: of.model_copy(
                update={
                    "description": f"{self.of} with {each.microseconds} µs of work planted at {each.layer}",
                    "note": None,
                    "command": planting.command(of.command),
                    "environment": of.environment | planting.environment(each.layer, each.microseconds),
                }
            )
            for each in self.points
        }
