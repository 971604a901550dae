"""What a contender's program is started with."""

import os
import shutil
import sys
from pathlib import Path

from showdown_contract.errors import ShowdownError

from showdown.contenders.variants import Variant


def service_environment() -> dict[str, str]:
    """The variables that every service gets: of the runner's own only PATH, with this Python's programs first."""
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        # The checkout may not be the service's to write to.
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
    }


def find_program(program: str, variant: Variant, search: str | None) -> str | None:
    """A program's absolute path: with a slash one of the variant's folder, without one the first on `search`."""
    if "/" in program:
        path = variant.folder / program
        found = str(path) if path.exists() else None
    else:
        found = shutil.which(program, path=search)
    return found and os.path.abspath(found)  # noqa: PTH100 - a Path would not keep ..


def resolved_command(name: str, variant: Variant) -> list[str]:
    """The variant's command with its program's path. Raises ShowdownError where there is no such program."""
    program, *arguments = variant.command
    found = find_program(program, variant, service_environment()["PATH"])
    if found is None:
        raise ShowdownError(f"variant {name}: its program {program} is not there")
    return [found, *arguments]
