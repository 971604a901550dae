"""What `showdown overload` writes down: overload.json."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from showdown.files import write_result
from showdown.measure.results import MOST_KINDS, Run
from showdown.types import Amount, Count, Line, Name, Record, Text

FILE = "overload.json"


class Step(Record):
    """One load of one variant, and what became of it."""

    percent_of_capacity: Count | None
    """At which requests arrived; None for clients that ask again as soon as they have an answer."""
    clients: Count | None
    """How many these are. Who is refused asks again when Retry-After says."""
    asked_requests_per_second: Amount | None
    """How many were to arrive; None for clients."""
    offered_requests_per_second: Amount
    """How many were sent: this machine's generator may not be able to send more."""
    right_requests_per_second: Amount
    """The goodput."""
    refused_percent: Amount
    """Of all answers: 503."""
    refused_p50_ms: Amount | None
    refused_p99_ms: Amount | None
    """None where nobody was refused."""
    accepted_p50_ms: Amount | None
    accepted_p99_ms: Amount | None
    """Of right answers, from when they were asked for."""
    failures: Annotated[dict[Line, Count], Field(max_length=MOST_KINDS)]
    """Everything else that came in place of a right answer, and how often."""
    service_peak_mib: Amount
    generator_peak_cpu_percent: Amount
    """Of one core."""
    recovery_seconds: Amount | None
    """From the moment when the load fell to half of the capacity until nine of ten requests had a right answer in time
    again; None where they had not as long as it was watched."""


class OverloadOf(Record):
    """What was seen of one variant under one scenario."""

    variant: Name
    scenario: Name
    requests_per_second: Amount | None = None
    """Its capacity: what it does at most in a closed loop; None where that could not be measured."""
    in_time_ms: Amount | None = None
    """What counts as in time after the load fell: three times the p99 at half of the capacity."""
    fault: Text | None = None
    """Why it was not measured to the end."""
    steps: Annotated[list[Step], Field(max_length=100)] = []


class Overload(Record):
    """overload.json: one invocation of `showdown overload`. `run` says on what, and of which variants."""

    schema_version: Literal[1] = 1
    finished_at: Line
    run: Run
    found: list[OverloadOf]


def write_overload(overload: Overload, folder: Path) -> Path:
    """Raises ShowdownError."""
    return write_result(folder / FILE, overload.model_dump_json(indent=2) + "\n")
