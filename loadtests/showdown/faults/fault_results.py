"""What `showdown faults` writes down: faults.json, whose schema is faults.schema.json."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from showdown.faults.action_log import Done
from showdown.faults.fault_file import Fault
from showdown.faults.seen import Seen
from showdown.files import write_result
from showdown.measure.results import Run
from showdown.types import Amount, Count, Line, Name, Record, Text

FILE = "faults.json"
SCHEMA = Path(__file__).resolve().parents[2] / "faults.schema.json"


class Faulted(Record):
    """One variant under one fault, and beside it the same variant without one."""

    variant: Name
    fault: Name
    requests_per_second: Amount
    span_seconds: Amount
    """How long requests were due with the fault: at least as long as without it, and longer where it took longer to do
    what was to be done."""
    control: Seen | None = None
    """The same span without the fault; None where the load could not even begin."""
    faulted: Seen | None = None
    """None where the fault could not be caused."""
    done: Annotated[list[Done], Field(max_length=100)] = []
    """What was done, in its order."""
    recovered_seconds: Amount | None = None
    """From the end of the fault until the last request was due that failed; 0 where none failed after it; None where
    some failed until the end."""
    acknowledged: Count = 0
    """Rows whose creation was answered with 201."""
    lost: Count = 0
    """Those among them that were not in the table afterwards."""
    error: Text | None = None
    """Why the fault could not be caused, or what went wrong meanwhile."""
    broken: Annotated[list[Line], Field(max_length=20)] = []
    """The promises that were not kept."""


class Faults(Record):
    """faults.json: one invocation of `showdown faults`. `run` says on what, and of which variants."""

    schema_version: Literal[1] = 1
    finished_at: Line | None = None
    """None where it was stopped before its end."""
    run: Run
    faults: Annotated[dict[Name, Fault], Field(max_length=100)]
    left_out: dict[Name, Line] = {}
    """By fault, why it was not caused on this machine."""
    measured: Annotated[list[Faulted], Field(max_length=10_000)] = []


def write_faults(faults: Faults, folder: Path) -> Path:
    """Raises ShowdownError."""
    return write_result(folder / FILE, faults.model_dump_json(indent=2) + "\n")


def json_schema() -> dict[str, Any]:
    """The JSON Schema of faults.json."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Faults.model_json_schema(mode="serialization")


if __name__ == "__main__":
    SCHEMA.write_text(json.dumps(json_schema(), indent=2) + "\n")
