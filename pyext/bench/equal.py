"""Outputs must be equal before anything is timed."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bench.errors import UnequalOutputError

CONTEXT = 20
TIMESTAMPS = ("created_at", "updated_at")


def require_equal_bytes(what: str, outputs: Mapping[str, bytes]) -> None:
    """Raise UnequalOutputError if a contender's output differs from the first contender's."""
    (reference, expected), *others = outputs.items()
    for name, output in others:
        if output != expected:
            at = _first_difference(output, expected)
            raise UnequalOutputError(
                f"{what}: from byte {at} on, {name} gives {output[at : at + CONTEXT]!r} where {reference} gives "
                f"{expected[at : at + CONTEXT]!r}; nothing was timed"
            )


def require_equal_rows(what: str, outputs: Mapping[str, bytes]) -> None:
    """Do the same for JSON arrays of rows, compared as values: white space and the notation of UTC may differ."""
    (reference, expected), *others = ((name, _rows(output)) for name, output in outputs.items())
    for name, rows in others:
        if len(rows) != len(expected):
            raise UnequalOutputError(
                f"{what}: {name} gives {len(rows)} rows where {reference} gives {len(expected)}; nothing was timed"
            )
        for index, (row, other) in enumerate(zip(rows, expected, strict=True)):
            if row != other:
                raise UnequalOutputError(
                    f"{what}: {name} gives {row} as row {index} where {reference} gives {other}; nothing was timed"
                )


def _rows(output: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(output)
    return [{key: _value(key, value) for key, value in row.items()} for row in rows]


def _value(key: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if key in TIMESTAMPS else value


def _first_difference(output: bytes, expected: bytes) -> int:
    pairs = zip(output, expected, strict=False)
    shorter = min(len(output), len(expected))
    return next((at for at, (byte, other) in enumerate(pairs) if byte != other), shorter)
