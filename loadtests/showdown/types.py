"""Types for the fields of files: bounded in size, finite, and safe to print."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from showdown_stack.text import printable, shortened

# What every service takes for WORKERS and POOL_SIZE.
MOST_WORKERS, MOST_POOL = 256, 10_000
# The largest whole number that every JSON parser keeps exact; no count comes near it.
MOST_COUNT = 2**53
# A file's name is made of some of them.
MOST_NAME, MOST_LINE, MOST_TEXT, MOST_ARGUMENT = 64, 2_000, 64_000, 32_000


def _line(value: object) -> object:
    return shortened(printable(value, keep=""), MOST_LINE) if isinstance(value, str) else value


def _text(value: object) -> object:
    return shortened(printable(value), MOST_TEXT) if isinstance(value, str) else value


def _no_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("must not contain a NUL character")
    return value


Name = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=MOST_NAME)]
"""The name of a variant, a scenario or a profile. Files and table rows carry it."""
Line = Annotated[str, BeforeValidator(_line), Field(strict=True)]
"""Text for one line: control characters are escaped, and text that is too long is cut."""
Text = Annotated[str, BeforeValidator(_text), Field(strict=True)]
"""The same of several lines."""
Argument = Annotated[str, StringConstraints(strict=True, max_length=MOST_ARGUMENT), AfterValidator(_no_nul)]
"""What a program is given: a word of its command, or the value of a variable."""
VariableName = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=MOST_NAME)]
Count = Annotated[int, Field(strict=True, ge=0, le=MOST_COUNT)]
Amount = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]
"""A measured number."""


class Record(BaseModel):
    """A part of results.json: what it does not know, it refuses."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, json_schema_serialization_defaults_required=True)
