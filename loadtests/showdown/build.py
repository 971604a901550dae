"""Brings the variants' programs up to date before a run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from local_stack.privilege import CHECKOUT

from showdown.console import err
from showdown.errors import ShowdownError
from showdown.variants import Variant

# What to type where a build tool is missing.
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
    return [found, *arguments]


def _build(command: tuple[str, ...], name: str) -> None:
    program = command[0]
    if shutil.which(program) is None:
        advice = ADVICE.get(program, f"install {program}")
        raise ShowdownError(
            f"variant {name} is built with {program}, which is not there: {advice}, or leave it out with --variants"
        )
    result = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise ShowdownError(f"variant {name} does not build ({' '.join(command)}):\n{result.stderr.strip()[-4000:]}")
