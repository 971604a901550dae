"""What `showdown explain` finds out: explanation.json, whose schema is explanation.schema.json."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from showdown.contenders.chains import MOST_STEPS, Step
from showdown.contenders.planting import MOST_LAYERS
from showdown.contenders.variants import MOST_VARIANTS, VariantName
from showdown.measure.results import MOST_HOSTS, Block
from showdown.measure.virtual import Microseconds
from showdown.requests.scenarios import MOST_SCENARIOS
from showdown.sampling.layers import MOST_LAYERS as MOST_SAMPLED_LAYERS
from showdown.types import Amount, Count, Line, Name, Record

SCHEMA = Path(__file__).resolve().parents[2] / "explanation.schema.json"
FILE = "explanation.json"

MeasureName = Literal["requests_per_second", "service_cpu_us_per_request", "postgres_cpu_us_per_request"]

Binding = Literal["CPU", "round trips"]

SlopeName = Literal["service_cpu_us_per_request", "postgres_cpu_us_per_request", "us_per_request"]
"""The last is 1 ÷ throughput."""

Signed = Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False)]


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


class LayerChange(Record):
    """The service's CPU time of a request in one layer, before a step and after it, as a profiler saw it."""

    layer: Line
    before_us_per_request: Amount
    after_us_per_request: Amount


class Explained(Record):
    """One step, and what it changed by each measure; None where that was not measured in two blocks or more."""

    step: Step
    factors: dict[MeasureName, Factor | None]
    layers: Annotated[list[LayerChange], Field(max_length=2 * (MOST_SAMPLED_LAYERS + 1))] = Field(default_factory=list)
    """Where both variants were sampled (--profile-with). They add up to the CPU time without the profiler."""


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


class Modelled(Record):
    """A variant at one latency between service and Postgres, beside what a model of one line says (model.py).

    The model knows its connections and workers, and what a request needs at this latency: CPU and round trips.
    """

    variant: VariantName
    latency_ms: Amount
    connections: Count
    """How many requests can be under way in it at a time."""
    round_trips_per_request: Amount
    """As they were counted on the wire."""
    ms_per_round_trip: Amount
    """As they took on the wire: the latency, and what Postgres and this machine add to it."""
    cpu_ms_per_request: Amount
    """Of the CPU that is scarcest, while all of it is at work: of all tiers ÷ the machine's cores, or of the service ÷
    its workers."""
    requests_per_second: Level
    model_requests_per_second: Amount
    binds: Binding
    """Which of the model's two bounds is the lower one."""


class Crossing(Record):
    """The latency at which two variants are equally fast. An end that is None lies beyond what was measured."""

    latency_ms: Amount | None
    """None: it lies beyond what was measured, too, or there where no difference was found."""
    low_ms: Amount | None
    high_ms: Amount | None


class Place(Record):
    """A variant beside the start of the other chain."""

    variant: VariantName
    step: Line | None
    """The one that leads to it; None for the start."""
    ratios: list[tuple[Amount, Factor | None]]
    """By latency in ms: how many times as many requests per second it has."""
    crossing: Crossing | None
    """None: they do not change places."""


class OverLatency(Record):
    """What becomes of one scenario as the latency between service and Postgres grows."""

    scenario: Name
    modelled: Annotated[list[Modelled], Field(max_length=4 * MOST_STEPS * MOST_SCENARIOS)]
    beside: VariantName | None
    """The start of the chain beside."""
    places: Annotated[list[Place], Field(max_length=MOST_STEPS + 1)]


class PlantedSlope(Record):
    """What a measure grows by for each µs of planted work."""

    value: Signed
    low: Signed
    high: Signed
    expected: Amount
    is_as_expected: bool
    """Whether that is in the interval."""
    blocks: Block


class LayerFound(Record):
    """What became of the work that was planted at one layer."""

    scenario: Name
    layer: Name
    microseconds: Annotated[list[Microseconds], Field(max_length=MOST_VARIANTS)]
    """For each request, one variant after the other."""
    slopes: dict[SlopeName, PlantedSlope | None]
    """None where that was not measured in two blocks or more."""
    is_found: bool
    """Whether the service's CPU time grows with it."""


class OfChain(Record):
    """What was found out about a chain."""

    chain: Name
    description: Line
    scenarios: Annotated[list[ScenarioExplanation], Field(max_length=MOST_SCENARIOS * MOST_HOSTS)]


class Explanation(OfChain):
    """explanation.json."""

    schema_version: Literal[1] = 1
    confidence: Amount
    """Of each interval."""
    beside: OfChain | None = None
    """The chain that was measured beside it."""
    over_latency: Annotated[list[OverLatency], Field(max_length=MOST_SCENARIOS)] = Field(default_factory=list)
    """Where there was latency between service and Postgres."""
    virtual: Annotated[list[LayerFound], Field(max_length=MOST_LAYERS * MOST_SCENARIOS)] = Field(default_factory=list)
    """Where work was planted (--virtual), which is no chain: there are no steps."""


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
