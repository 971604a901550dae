"""Brings the variants' programs up to date before a run."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from threading import Event

from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT
from showdown_stack import link, upstream
from showdown_stack.process import POLL_SECONDS, Process
from showdown_stack.text import end_of

from showdown.console import doing
from showdown.contenders.start import find_program
from showdown.contenders.variants import Variant
from showdown.contenders.versions import is_installed

SAID_BYTES = 4000
# Cargo locks what its builds share, and its last step uses one core. Others run one after the other, for they may share
# files that nothing locks.
SIDE_BY_SIDE, AT_ONCE = "cargo", 2


def build(variants: Mapping[str, Variant], wanted: Callable[[], bool] = lambda: True) -> None:
    """Run each build command once. Raises ShowdownError with its output where one fails; the others are stopped.

    `wanted` is asked again and again; a build that is no longer wanted is stopped, which is an error too.
    """
    _require_tools(variants)
    series: dict[object, list[tuple[str, Variant, list[str]]]] = {}
    built = []
    for name, variant in variants.items():
        same = variant.build, variant.folder, variant.environment
        if variant.build and same not in built:
            built.append(same)
            place = (*variant.build, variant.folder) if variant.build[0] == SIDE_BY_SIDE else None
            series.setdefault(place, []).append((name, variant, variant.build))
    if not series:
        return
    stop = Event()
    names = ", ".join(name for one in series.values() for name, *_ in one)
    with doing(f"building {names}"), ThreadPoolExecutor(AT_ONCE) as pool:
        futures = [pool.submit(_build_series, one, lambda: wanted() and not stop.is_set()) for one in series.values()]
        try:
            for future in as_completed(futures):
                future.result()
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _build_series(one: Sequence[tuple[str, Variant, list[str]]], wanted: Callable[[], bool]) -> None:
    for name, variant, command in one:
        _build(name, variant, command, wanted)


def build_upstream(*, needed: bool) -> None:
    """Bring the upstream's program up to date; if the tool for that is missing, the program is used as it is.

    Raises ShowdownError if it does not build; and if it is `needed`, but is not there and cannot be built.
    """
    instead = f"{upstream.NOT_BUILT}; {{tool}} is missing: install it, or choose --scenarios without calls"
    _build_tier("the upstream", upstream.BUILD, instead if needed and upstream.program() is None else None)


def build_link() -> None:
    """The same of the link between service and Postgres, which is needed wherever it is asked for."""
    instead = f"{link.NOT_BUILT}; {{tool}} is missing: install it, or choose what needs no latency"
    _build_tier("the link", link.BUILD, instead if link.program() is None else None)


def _build_tier(name: str, command: Sequence[str], instead: str | None) -> None:
    """`instead`: what is said where the tool is missing; None: the program is used as it is."""
    tool = shutil.which(command[0])
    if tool is None:
        if instead:
            raise ShowdownError(instead.format(tool=command[0]))
        return
    with doing(f"building {name}"):
        said = _said_in_vain(name, [tool, *command[1:]], CHECKOUT, {}, lambda: True)
    if said is not None:
        raise ShowdownError(f"{name} does not build ({' '.join(command)}):\n{said}")


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
