"""What results say of a sweep: one parameter, its values, and what stands for each variant at each of them."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator
from showdown_contract.errors import ShowdownError

from showdown.contenders.variants import MOST_VARIANTS, Variant, VariantName
from showdown.requests.scenarios import MOST_USERS
from showdown.types import Line, Name, Record

MOST_POINTS = 20
# Knobs that are fields of a variant. Any other is a variable of its environment.
FIELDS = {"workers": int, "pool": int, "lookup": str}


class Point(Record):
    """One value of the parameter."""

    value: Line
    variants: Annotated[dict[VariantName, VariantName], Field(min_length=1, max_length=MOST_VARIANTS)]
    """By variant that is swept: the variant of this run that stands for it at this value."""
    scenario: Name | None = None
    """The scenario of this run that the value means; None: all of the run's scenarios."""
    users: Annotated[int, Field(strict=True, ge=1, le=MOST_USERS)] | None = None
    """How many users load these variants; None: as many as the profile says."""


class Sweep(Record):
    """What a run has measured of a sweep. All variants of one run stood side by side."""

    parameter: Line
    points: Annotated[list[Point], Field(min_length=1, max_length=MOST_POINTS)]

    @model_validator(mode="after")
    def _all_points_are_of_the_same_variants(self) -> Self:
        if any(point.variants.keys() != self.points[0].variants.keys() for point in self.points):
            raise ValueError("all points of a sweep are of the same variants")
        return self

    def point_of(self, variant: str) -> Point | None:
        """The one that a variant of the run stands for, the first of several; None where it is no such variant."""
        return next((point for point in self.points if variant in point.variants.values()), None)

    def originals(self) -> dict[str, str]:
        """By variant of the run, the one that it stands for."""
        return {stands: swept for point in self.points for swept, stands in point.variants.items()}

    def variants(self, swept: Mapping[str, Variant]) -> dict[str, Variant]:
        """Those of the run, without a twin. Raises ShowdownError where a knob cannot have a value."""
        return {
            stands: swept[name] if stands == name else self._at(point, name, swept[name])
            for point in self.points
            for name, stands in point.variants.items()
        }

    def _at(self, point: Point, name: str, variant: Variant) -> Variant:
        described = {"description": f"{name} with {self.parameter}={point.value}", "note": None}
        if point.users is not None:
            return variant.model_copy(update=described)
        return with_knob(variant.model_copy(update=described), self.parameter, point.value)


def with_knob(variant: Variant, knob: str, value: str) -> Variant:
    """The same variant with one knob set. Raises ShowdownError where the knob cannot have this value."""
    try:
        changed: dict[str, object] = (
            {knob: FIELDS[knob](value)} if knob in FIELDS else {"environment": {**variant.environment, knob: value}}
        )
        Variant.model_validate({**variant.model_dump(), **changed})
    except ValidationError as error:
        raise ShowdownError(f"{knob}={value}: {error.errors()[0]['msg']}") from None
    except ValueError:
        raise ShowdownError(f"{knob}={value}: {value!r} is no whole number") from None
    return variant.model_copy(update=changed)
