"""Brings the variants' programs up to date before a run."""

import os
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_stack.process import POLL_SECONDS, Process

from showdown.console import err
from showdown.contenders.start import find_program
from showdown.contenders.variants import Variant

SAID_BYTES = 4000
# What to type where a build tool is missing.
ADVICE = {"cargo": "install Rust (https://rustup.rs)"}


def build(variants: Mapping[str, Variant], wanted: Callable[[], bool] = lambda: True) -> None:
    """Run each build command once. Raises ShowdownError with its output where one fails.

    `wanted` is asked again and again; a build that is no longer wanted is stopped, which is an error too.
    """
    built = []
    for name, variant in variants.items():
        if not variant.build:
            continue
        same = variant.build, variant.folder, variant.environment
        if same not in built:
            built.append(same)
            with err.status(f"building {name}: {' '.join(variant.build)}"):
                _build(name, variant, variant.build, wanted)


def _build(name: str, variant: Variant, command: list[str], wanted: Callable[[], bool]) -> None:
    program, *arguments = command
    environment = {**os.environ, **variant.environment}
    found = find_program(program, variant, environment.get("PATH"))
    if found is None:
        advice = ADVICE.get(program, f"install {program}")
        raise ShowdownError(
            f"variant {name} is built with {program}, which is not there: {advice}, or leave it out with --variants"
        )
    with tempfile.TemporaryDirectory(prefix="showdown-build-") as folder:
        log = Path(folder) / "log"
        with Process(
            f"the build of {name}", [found, *arguments], log,
            environment=environment, folder=variant.folder, as_ourselves=True,
        ) as process:  # fmt: skip
            while process.running:
                if not wanted():
                    raise ShowdownError(f"the build of {name} was stopped before its end")
                time.sleep(POLL_SECONDS)
        if process.exit_code != 0:
            raise ShowdownError(f"variant {name} does not build ({' '.join(command)}):\n{_end(log)}")


def _end(log: Path) -> str:
    """The last of what was said, which may be of any length."""
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - SAID_BYTES))
        return file.read(SAID_BYTES).decode(errors="replace").strip()
