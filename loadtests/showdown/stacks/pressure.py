"""What keeps a machine's programs from running: stolen CPU time, swapping, a control group without CPU quota left."""

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self, TypeAlias

import psutil

from showdown.stacks.records import Machine

CpuSeconds: TypeAlias = tuple[float, float]
MIB = 1024 * 1024
CONTROL_GROUPS, OWN_GROUPS = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


@dataclass(frozen=True)
class Pressure:
    """Counters that only grow. None: this system does not tell."""

    at: float
    """Seconds of a clock that only goes forward."""
    stolen: CpuSeconds | None
    """CPU seconds since boot: those that the host gave to others, and all."""
    swapped_bytes: int | None
    """To swap and from it, since boot."""
    throttled_seconds: float | None
    """How long this process's control group and those that it is in were stopped for their quota."""


@dataclass(frozen=True)
class Disturbances:
    """What was taken from a machine between two looks: fields of Machine, None where the system does not tell."""

    steal_percent: float | None = None
    swapped_mib: float | None = None
    throttled_percent: float | None = None

    @classmethod
    def between(cls, before: Pressure, after: Pressure) -> Self:
        return cls(steal_percent(before, after), swapped_mib(before, after), throttled_percent(before, after))

    def of(self, machine: Machine) -> Machine:
        """The same machine, with these disturbances."""
        return machine.model_copy(update=asdict(self))


def worst(of: Iterable[Disturbances]) -> Disturbances:
    """The highest value of each field."""
    known: dict[str, float] = {}
    for one in of:
        for name, amount in asdict(one).items():
            if amount is not None:
                known[name] = max(amount, known.get(name, amount))
    return Disturbances(**known)


def pressure() -> Pressure:
    """The counters now."""
    return Pressure(time.monotonic(), _stolen(), _swapped_bytes(), throttled_seconds())


def steal_percent(before: Pressure, after: Pressure) -> float | None:
    """The stolen share of the CPU time between two looks."""
    if before.stolen is None or after.stolen is None or after.stolen[1] <= before.stolen[1]:
        return None
    # On some hosts this counter goes backwards.
    return max(0.0, 100 * (after.stolen[0] - before.stolen[0]) / (after.stolen[1] - before.stolen[1]))


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
    """Seconds that cgroup v2 or v1 counts; None if no group has a quota."""
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return None
    found = [seconds for line in lines for folder in _folders(groups, line) for seconds in _throttled(folder)]
    # A group is also stopped when its parent is.
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


def _stolen() -> CpuSeconds | None:
    times = psutil.cpu_times()
    steal = getattr(times, "steal", None)
    return None if steal is None else (steal, sum(times))


def _swapped_bytes() -> int | None:
    try:
        swap = psutil.swap_memory()
    except (OSError, RuntimeError):
        return None
    return int(swap.sin) + int(swap.sout)
