"""What `showdown explain` finds out: explanation.json, whose schema is explanation.schema.json."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from showdown.contenders.chains import MOST_STEPS, Step
from showdown.measure.results import MOST_HOSTS, Block
from showdown.requests.scenarios import MOST_SCENARIOS
from showdown.types import Amount, Line, Name, Record

SCHEMA = Path(__file__).resolve().parents[2] / "explanation.schema.json"
FILE = "explanation.json"

MeasureName = Literal["requests_per_second", "service_cpu_us_per_request", "postgres_cpu_us_per_request"]


class Factor(Record):
    """How many times as good: as many requests per second, or as little CPU time for a request."""

    value: Amount
    low: Amount
    high: Amount
    is_different: bool
    """False: 1 is in the interval, so no difference was found."""
    blocks: Block


class Level(Record):
    """What a variant itself reached."""

    value: Amount
    low: Amount | None = None
    high: Amount | None = None


class Explained(Record):
    """One step, and what it changed by each measure; None where that was not measured in two blocks or more."""

    step: Step
    factors: dict[MeasureName, Factor | None]


class Both(Record):
    """A step that was made from both ends."""

    name: Line
    other_way: dict[MeasureName, Factor | None]
    """When the steps after it had been made already."""
    interaction: dict[MeasureName, Factor | None]
    """By how much more it changes then: its factor from the other end ÷ its factor in the chain."""


class Whole(Record):
    """From the first variant to the last."""

    factor: Factor | None
    product: Amount | None
    """Of the steps' factors; None where one is not known."""
    is_product_inside: bool | None
    """Whether that is in the whole's interval."""


class ScenarioExplanation(Record):
    """A chain under one scenario."""

    scenario: Name
    levels: Annotated[dict[Name, dict[MeasureName, Level]], Field(max_length=4 * MOST_STEPS)]
    """By variant."""
    steps: Annotated[list[Explained], Field(max_length=MOST_STEPS)]
    both_ways: Annotated[list[Both], Field(max_length=MOST_STEPS)]
    """Steps whose place in the chain is another one from the other end."""
    whole: dict[MeasureName, Whole]


class Explanation(Record):
    """explanation.json."""

    schema_version: Literal[1] = 1
    chain: Name
    description: Line
    confidence: Amount
    """Of each interval."""
    scenarios: Annotated[list[ScenarioExplanation], Field(max_length=MOST_SCENARIOS * MOST_HOSTS)]


def json_schema() -> dict[str, Any]:
    """The JSON Schema of explanation.json."""
    schema = Explanation.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


def found(steps: Sequence[Explained], measure: MeasureName) -> list[tuple[str, Factor]]:
    """The steps that change something, those that multiply most first."""
    factors = [(each.step.name, factor) for each in steps if (factor := each.factors[measure]) and factor.is_different]
    return sorted(factors, key=lambda each: -each[1].value)


def not_found(steps: Sequence[Explained], measure: MeasureName) -> list[str]:
    """The steps of which no difference was found."""
    return [each.step.name for each in steps if (factor := each.factors[measure]) and not factor.is_different]


if __name__ == "__main__":
    SCHEMA.write_text(json.dumps(json_schema(), indent=2) + "\n")
