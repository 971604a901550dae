"""Brings the variants' programs up to date before a run; on a host as the last step of its set-up:

python -m showdown.contenders.build
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping

from showdown_contract.errors import ShowdownError

from showdown.console import err
from showdown.contenders.start import find_program
from showdown.contenders.variants import Variant, load_variant_file

# What to type where a build tool is missing.
SAID_BYTES = 4000
ADVICE = {"cargo": "install Rust (https://rustup.rs)"}


def build(variants: Mapping[str, Variant]) -> None:
    """Run each build command once. Raises ShowdownError with its output where one fails."""
    built = []
    for name, variant in variants.items():
        if not variant.build:
            continue
        same = variant.build, variant.folder, variant.environment
        if same not in built:
            built.append(same)
            with err.status(f"building {name}: {' '.join(variant.build)}"):
                _build(name, variant, variant.build)


def _build(name: str, variant: Variant, command: list[str]) -> None:
    program, *arguments = command
    environment = {**os.environ, **variant.environment}
    found = find_program(program, variant, environment.get("PATH"))
    if found is None:
        advice = ADVICE.get(program, f"install {program}")
        raise ShowdownError(
            f"variant {name} is built with {program}, which is not there: {advice}, or leave it out with --variants"
        )
    with tempfile.TemporaryFile() as said:
        try:
            # What it says may be of any length.
            result = subprocess.run(
                [found, *arguments], cwd=variant.folder, env=environment,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, check=False,
            )  # fmt: skip
        except OSError as error:
            raise ShowdownError(f"variant {name} does not build: {program}: {error.strerror}") from None
        said.seek(max(0, said.seek(0, os.SEEK_END) - SAID_BYTES))
        errors = said.read(SAID_BYTES).decode(errors="replace").strip()
    if result.returncode != 0:
        raise ShowdownError(f"variant {name} does not build ({' '.join(command)}):\n{errors}")


def main() -> None:
    """Build all of the checkout's variants: a host does not know which of them it will run."""
    try:
        build(load_variant_file().variants)
    except ShowdownError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
