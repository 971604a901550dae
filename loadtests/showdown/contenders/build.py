"""Brings the variants' programs up to date before a run."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_stack.privilege import CHECKOUT

from showdown.console import err
from showdown.contenders.variants import Variant

# What to type where a build tool is missing.
SAID_BYTES = 4000
ADVICE = {"cargo": "install Rust (https://rustup.rs)"}


def service_environment() -> dict[str, str]:
    """What every service starts with: no variable of ours but a PATH on which this Python's programs come first."""
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        # The checkout may not be the service's to write to.
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
    }


def build(variants: Mapping[str, Variant]) -> None:
    """Run each build command once. Raises ShowdownError with its output where one fails."""
    commands = {tuple(variant.build): name for name, variant in variants.items() if variant.build}
    for command, name in commands.items():
        with err.status(f"building {name}: {' '.join(command)}"):
            _build(command, name)


def resolved_command(name: str, variant: Variant) -> list[str]:
    """The variant's command with its program's path. Raises ShowdownError where there is no such program."""
    program, *arguments = variant.command
    if "/" in program:
        path = CHECKOUT / program
        found = str(path) if path.exists() else None
    else:
        found = shutil.which(program, path=service_environment()["PATH"])
    if found is None:
        raise ShowdownError(f"variant {name}: its program {program} is not there")
    # It is run in the checkout's folder.
    return [os.path.abspath(found), *arguments]  # noqa: PTH100 - a Path would not keep ..


def _build(command: tuple[str, ...], name: str) -> None:
    program, *arguments = command
    found = shutil.which(program)
    if found is None:
        advice = ADVICE.get(program, f"install {program}")
        raise ShowdownError(
            f"variant {name} is built with {program}, which is not there: {advice}, or leave it out with --variants"
        )
    with tempfile.TemporaryFile() as said:
        try:
            # Run in another folder than ours; what it says may be of any length.
            result = subprocess.run(
                [os.path.abspath(found), *arguments],  # noqa: PTH100 - a Path would not keep ..
                cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, check=False,
            )  # fmt: skip
        except OSError as error:
            raise ShowdownError(f"variant {name} does not build: {program}: {error.strerror}") from None
        said.seek(max(0, said.seek(0, os.SEEK_END) - SAID_BYTES))
        errors = said.read(SAID_BYTES).decode(errors="replace").strip()
    if result.returncode != 0:
        raise ShowdownError(f"variant {name} does not build ({' '.join(command)}):\n{errors}")
