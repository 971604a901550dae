"""Flame graphs of call stacks, and of what differs between two services, drawn by inferno."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT

from showdown.files import replace_file
from showdown.sampling.call_stacks import CallStack, Samples, collapsed

INFERNO = CHECKOUT / "target/inferno"
INSTALL = f"cargo install inferno@0.12.8 --locked --root {INFERNO.relative_to(CHECKOUT)}"
GRAPH, DIFFERENCE = "inferno-flamegraph", "inferno-diff-folded"
DRAWING_SECONDS = 60
NANOSECONDS_PER_MICROSECOND = 1_000
PER_REQUEST = "ns of CPU a request"


def require_inferno() -> None:
    """Raise ShowdownError, which says how to install it, where it is missing."""
    for program in (GRAPH, DIFFERENCE):
        _found(program)


def nanoseconds(us: Mapping[CallStack, float]) -> Samples:
    """Microseconds as whole numbers, which inferno draws."""
    whole = {stack: round(each * NANOSECONDS_PER_MICROSECOND) for stack, each in us.items()}
    return {stack: each for stack, each in whole.items() if each}


def draw(samples: Samples, title: str, path: Path, unit: str = "samples") -> None:
    """Raises ShowdownError, and OSError where the file cannot be written."""
    options = {"--title": title, "--countname": unit, "--colors": "python"}
    replace_file(path, _rendered(collapsed(samples), options, "--deterministic"))


def draw_difference(before: Samples, after: Samples, title: str, path: Path, unit: str = "samples") -> None:
    """As wide as before, so that what went away is there: in blue; what grew, in red.

    Raises ShowdownError, and OSError where the file cannot be written.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / "after", Path(folder) / "before"]
        for file, samples in zip(files, (after, before), strict=True):
            file.write_text(collapsed(samples))
        changed = _run([_found(DIFFERENCE), *map(str, files)], "")
    replace_file(path, _rendered(changed, {"--title": title, "--countname": unit}, "--negate"))


def _rendered(lines: str, options: Mapping[str, str], *flags: str) -> str:
    # With =, for a title may begin with a dash.
    return _run([_found(GRAPH), *(f"{name}={value}" for name, value in options.items()), *flags], lines)


def _run(command: list[str], given: str) -> str:
    program = Path(command[0]).name
    try:
        done = subprocess.run(command, input=given, check=True, capture_output=True, text=True, timeout=DRAWING_SECONDS)
    except subprocess.CalledProcessError as error:
        raise ShowdownError(f"{program} cannot draw: {error.stderr.strip()[-500:]}") from None
    except subprocess.TimeoutExpired:
        raise ShowdownError(f"{program} has not drawn anything in {DRAWING_SECONDS} s") from None
    return done.stdout


def _found(name: str) -> str:
    own = INFERNO / "bin" / name
    found = str(own) if own.exists() else shutil.which(name)
    if found is None:
        raise ShowdownError(f"{name} is missing, which draws flame graphs: type '{INSTALL}'")
    return found
