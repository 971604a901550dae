"""Brings the variants' programs up to date before a run."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT

from showdown.console import err
from showdown.contenders.variants import Variant

# What to type where a build tool is missing.
SAID_BYTES = 4000
ADVICE = {"cargo": "install Rust (https://rustup.rs)"}


def build(variants: Mapping[str, Variant], folder: Path = CHECKOUT) -> None:
    """Run each build command once, in a folder. Raises ShowdownError with its output where one fails."""
    commands = {tuple(variant.build): name for name, variant in variants.items() if variant.build}
    for command, name in commands.items():
        with err.status(f"building {name}: {' '.join(command)}"):
            _build(command, name, folder)


def _build(command: tuple[str, ...], name: str, folder: Path) -> None:
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
                cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, check=False,
            )  # fmt: skip
        except OSError as error:
            raise ShowdownError(f"variant {name} does not build: {program}: {error.strerror}") from None
        said.seek(max(0, said.seek(0, os.SEEK_END) - SAID_BYTES))
        errors = said.read(SAID_BYTES).decode(errors="replace").strip()
    if result.returncode != 0:
        raise ShowdownError(f"variant {name} does not build ({' '.join(command)}):\n{errors}")
