"""What keeps a machine's programs from running: swapping, and a control group whose CPU quota is used up."""

import time
from dataclasses import dataclass
from pathlib import Path

import psutil

MIB = 1024 * 1024
CONTROL_GROUPS, OWN_GROUPS = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


@dataclass(frozen=True)
class Pressure:
    """Counters that only grow. None: this system does not tell."""

    at: float
    """Seconds of a clock that only goes forward."""
    swapped_bytes: int | None
    """To swap and from it, since boot."""
    throttled_seconds: float | None
    """How long this process's control group and those that it is in were stopped for their quota."""


def pressure() -> Pressure:
    """The counters now."""
    return Pressure(time.monotonic(), _swapped_bytes(), throttled_seconds())


def swapped_mib(before: Pressure, after: Pressure) -> float | None:
    """What went to and from swap between two looks."""
    if before.swapped_bytes is None or after.swapped_bytes is None:
        return None
    return max(0, after.swapped_bytes - before.swapped_bytes) / MIB


def throttled_percent(before: Pressure, after: Pressure) -> float | None:
    """The share of the time between two looks."""
    if before.throttled_seconds is None or after.throttled_seconds is None or after.at <= before.at:
        return None
    stopped = max(0.0, after.throttled_seconds - before.throttled_seconds)
    # Each processor counts its own time.
    return min(100.0, 100 * stopped / (after.at - before.at))


def throttled_seconds(groups: Path = CONTROL_GROUPS, own: Path = OWN_GROUPS) -> float | None:
    """Of cgroup v2 or v1; None where there is no group with a quota to be told of."""
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return None
    found = [seconds for line in lines for folder in _folders(groups, line) for seconds in _throttled(folder)]
    # A group is stopped with the one that it is in, too.
    return sum(found) if found else None


def _folders(groups: Path, line: str) -> list[Path]:
    """A line of /proc/self/cgroup: the group's folder and those above it, where it is one of CPU time."""
    _, controllers, path = line.split(":", 2)
    if controllers and "cpu" not in controllers.split(","):
        return []
    root = groups / controllers
    # In a container the path may be one of the host's: the group's folder is the root then.
    group = Path(path.lstrip("/"))
    return [root / part for part in (group, *group.parents)] if ".." not in group.parts else [root]


def _throttled(folder: Path) -> list[float]:
    try:
        words = dict(line.split(maxsplit=1) for line in (folder / "cpu.stat").read_text().splitlines())
    except (OSError, ValueError):
        return []
    if "throttled_usec" in words:
        return [int(words["throttled_usec"]) / 1e6]
    return [int(words["throttled_time"]) / 1e9] if "throttled_time" in words else []


def _swapped_bytes() -> int | None:
    try:
        swap = psutil.swap_memory()
    except (OSError, RuntimeError):
        return None
    return int(swap.sin) + int(swap.sout)
