"""What a contender's program is started with."""

import os
import shutil
import sys
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT

from showdown.contenders.variants import Variant


def service_environment() -> dict[str, str]:
    """What every service starts with: no variable of ours but a PATH on which this Python's programs come first."""
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        # The checkout may not be the service's to write to.
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
    }


def resolved_command(name: str, variant: Variant, folder: Path = CHECKOUT) -> list[str]:
    """The variant's command, to be run in a folder, with its program's path.

    Raises ShowdownError where there is no such program.
    """
    program, *arguments = variant.command
    if "/" in program:
        path = folder / program
        found = str(path) if path.exists() else None
    else:
        found = shutil.which(program, path=service_environment()["PATH"])
    if found is None:
        raise ShowdownError(f"variant {name}: its program {program} is not there")
    # It is run in another folder than ours.
    return [os.path.abspath(found), *arguments]  # noqa: PTH100 - a Path would not keep ..
