"""Brings the variants' programs up to date before a run."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT
from showdown_stack import upstream
from showdown_stack.process import POLL_SECONDS, Process
from showdown_stack.text import end_of

from showdown.console import doing
from showdown.contenders.start import find_program
from showdown.contenders.variants import Variant
from showdown.contenders.versions import is_installed

SAID_BYTES = 4000


def build(variants: Mapping[str, Variant], wanted: Callable[[], bool] = lambda: True) -> None:
    """Run each build command once. Raises ShowdownError with its output where one fails.

    `wanted` is asked again and again; a build that is no longer wanted is stopped, which is an error too.
    """
    _require_tools(variants)
    built = []
    for name, variant in variants.items():
        if not variant.build:
            continue
        same = variant.build, variant.folder, variant.environment
        if same not in built:
            built.append(same)
            with doing(f"building {name}: {' '.join(variant.build)}"):
                _build(name, variant, variant.build, wanted)


def build_upstream(*, needed: bool) -> None:
    """Bring the upstream's program up to date; if the tool for that is missing, the program is used as it is.

    Raises ShowdownError if it does not build; and if it is `needed`, but is not there and cannot be built.
    """
    tool = shutil.which(upstream.BUILD[0])
    if tool is None:
        if needed and upstream.program() is None:
            raise ShowdownError(
                f"{upstream.NOT_BUILT}; {upstream.BUILD[0]} is missing: install it, or choose --scenarios without calls"
            )
        return
    with doing("building the upstream"):
        said = _said_in_vain("the upstream", [tool, *upstream.BUILD[1:]], CHECKOUT, {}, lambda: True)
    if said is not None:
        raise ShowdownError(f"the upstream does not build ({' '.join(upstream.BUILD)}):\n{said}")


def _require_tools(variants: Mapping[str, Variant]) -> None:
    """Raise ShowdownError if a build tool is missing, with what can be measured without it."""
    lacking: dict[str, list[str]] = {}
    for name, variant in variants.items():
        if variant.build and _tool(variant, variant.build[0]) is None:
            lacking.setdefault(variant.build[0], []).append(name)
    if not lacking:
        return
    said = "; ".join(
        f"{tool} is missing, with which these are built: {', '.join(names)}" for tool, names in lacking.items()
    )
    left_out = {name for names in lacking.values() for name in names}
    # Without the tool, set-up may have left out packages of other variants, too.
    others = [name for name, variant in variants.items() if name not in left_out and is_installed(variant)]
    instead = f", or leave them out: --variants {','.join(others)}" if others else ""
    raise ShowdownError(f"{said}. Install it{instead}")


def _tool(variant: Variant, program: str) -> str | None:
    return find_program(program, variant, variant.environment.get("PATH", os.environ.get("PATH")))


def _build(name: str, variant: Variant, command: list[str], wanted: Callable[[], bool]) -> None:
    program, *arguments = command
    words = [_tool(variant, program) or program, *arguments]
    said = _said_in_vain(name, words, variant.folder, variant.environment, wanted)
    if said is not None:
        raise ShowdownError(f"variant {name} does not build ({' '.join(command)}):\n{said}")


def _said_in_vain(
    name: str, command: Sequence[str], place: Path, environment: Mapping[str, str], wanted: Callable[[], bool]
) -> str | None:
    """Run a build command; the end of its output if it fails. Raises ShowdownError once it is no longer wanted."""
    with tempfile.TemporaryDirectory(prefix="showdown-build-") as folder:
        log = Path(folder) / "log"
        with Process(
            f"the build of {name}", command, log,
            environment={**os.environ, **environment}, folder=place, as_ourselves=True,
        ) as process:  # fmt: skip
            while process.running:
                if not wanted():
                    raise ShowdownError(f"the build of {name} was stopped before its end")
                time.sleep(POLL_SECONDS)
        return end_of(log, SAID_BYTES).strip() if process.exit_code != 0 else None
