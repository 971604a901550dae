"""What `showdown capacity` writes down: capacity.json."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from showdown.files import write_result
from showdown.measure.results import Run
from showdown.types import Amount, Count, Line, Name, Record, Text

FILE = "capacity.json"


class Look(Record):
    """One slice."""

    requests_per_second: Amount
    """That arrived."""
    p99_ms: Amount | None
    """Of the right answers."""
    is_kept: bool
    """Whether the objective was."""


class Latency(Record):
    """At a share of the capacity, over a few slices."""

    percent_of_capacity: Count
    requests_per_second: Amount
    p50_ms: Amount | None
    p99_ms: Amount | None
    waited: Count
    """Arrivals that no user was free for."""


class CapacityOf(Record):
    """What was found of one variant under one scenario."""

    variant: Name
    scenario: Name
    requests_per_second: Amount | None = None
    """The highest rate that keeps the objective in two of three slices; None where none did."""
    low: Amount | None = None
    high: Amount | None = None
    """With a probability of 95% it is between these."""
    is_confirmed: bool = False
    """Whether the objective was kept when this rate was measured again."""
    fault: Text | None = None
    """Why it was not searched to the end."""
    looks: Annotated[list[Look], Field(max_length=10_000)] = []
    latencies: Annotated[list[Latency], Field(max_length=100)] = []


class Capacities(Record):
    """capacity.json: one invocation of `showdown capacity`. `run` says on what, and of which variants."""

    schema_version: Literal[1] = 1
    finished_at: Line
    p99_ms: Amount
    run: Run
    found: list[CapacityOf]


def write_capacities(capacities: Capacities, folder: Path) -> Path:
    """Raises ShowdownError."""
    return write_result(folder / FILE, capacities.model_dump_json(indent=2) + "\n")
