"""Results of earlier versions of results.json, brought into today's form.

Each change of the form that an older reader, or an older file, does not survive gets a number: raise VERSION, add the
step from the number before to MIGRATIONS, and a file of that number to tests/measure/migrations. A new field that has
a default needs none of this.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import from_json, to_json
from showdown_contract.errors import ShowdownError

VERSION = 4
Document = dict[str, Any]


def _one_name_for_each(document: Document) -> Document:
    """Version 3 began with other names for two members, and named service hosts in faults."""
    for before, now in (("missing", "notes"), ("recipes", "size")):
        if before in document:
            document[now] = document.pop(before)
    for fault in document.get("faults", []):
        fault.pop("service_hosts", None)
    return document


MIGRATIONS: Mapping[int, Callable[[Document], Document]] = {3: _one_name_for_each}
"""By version, the step to the next one. A step may raise TypeError or AttributeError where a file is malformed."""
ROUNDS = "rounds, without histograms and without slices side by side: what today's figures are made of was not recorded"
LOST: Mapping[int, str] = {1: ROUNDS, 2: ROUNDS}
"""By version, what a file has that cannot be brought into today's form."""


def migrated(content: bytes) -> bytes:
    """The same results in today's form; unchanged if they are, or if they are no results.

    Raises ShowdownError if they are of a version that this one cannot read.
    """
    try:
        document = from_json(content)
    except ValueError:
        return content
    version = document.get("schema_version") if isinstance(document, dict) else None
    if type(version) is not int or version == VERSION:
        return content
    if version > VERSION:
        raise ShowdownError(f"version {version} is newer than this showdown, which reads up to {VERSION}: update it")
    if version in LOST:
        raise ShowdownError(f"version {version} has {LOST[version]}. Measure again with `showdown run`")
    try:
        for number in range(version, VERSION):
            document = MIGRATIONS[number](document)
    except (AttributeError, KeyError, TypeError):
        return content
    return to_json(document | {"schema_version": VERSION})
