"""Keeps the results that documents cite: committed under docs/results, compressed."""

import lzma
import re
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT

from showdown.files import replace_file
from showdown.measure.results import COMPRESSED, read_run
from showdown.types import Line, Name, Record

# As shlex.join writes it.
OUT = re.compile(r" --out[ =]('[^']*'|\S+)+")
KEPT = CHECKOUT / "docs" / "results"


class Kept(Record):
    """What `keep --json` prints."""

    schema_version: Literal[1] = 1
    folders: list[Line]
    """One, or of a sweep of several runs one for each."""
    reports: list[Line]
    """What was written beside the results, for people to read."""


def keep(folder: Path, name: str, kept: Path = KEPT) -> Path:
    """Compress a run's results into a folder of that name, in the place of what it held. Raises ShowdownError.

    The same run gives the same bytes. What the command said of a folder of this machine (--out) is left out.
    """
    target = kept_folder(name, kept)
    run = read_run(folder)
    if run.finished_at is None:
        raise ShowdownError(f"{folder} was stopped before its end: finish it with showdown run --resume {folder}")
    run.command = OUT.sub("", run.command)
    target.mkdir(parents=True, exist_ok=True)
    replace_file(target / COMPRESSED, lzma.compress(run.model_dump_json().encode(), preset=9))
    return target


def kept_folder(name: str, kept: Path = KEPT) -> Path:
    """The folder of that name, which may not be there yet. Raises ShowdownError."""
    try:
        return kept / TypeAdapter(Name).validate_python(name)
    except ValidationError:
        raise ShowdownError(f"{name!r} is no name: letters, digits, dots, dashes and underscores make one") from None
