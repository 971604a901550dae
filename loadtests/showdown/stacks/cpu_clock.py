"""How much CPU time a tier's processes have used so far: in ns on Linux, as well as psutil can say elsewhere.

A living process's own time is its CPU clock. That of a child that has ended is its parent's to tell, in steps of 10 ms,
as soon as the parent has taken note of the end.
"""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

PROC = Path("/proc")
LINUX = sys.platform == "linux"
# Fields of /proc/PID/stat behind the command's name: stime, cutime and cstime, in ticks.
STIME, CUTIME, CSTIME = 12, 13, 14
# Links of a folder in which there is one.
ONE_THREAD = 3
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
NANOSECONDS = 1_000_000_000


def cpu_seconds(root: int) -> float:
    """Of a process and its descendants, ended children included; 0 where there is no such process."""
    return cpu_seconds_of(tree(root)) if LINUX else _by_psutil(root)


def cpu_seconds_of(processes: Mapping[int, bool]) -> float:
    """Of a tree, on Linux."""
    total = 0
    for pid, is_parent in processes.items():
        try:
            total += process_nanoseconds(pid)
            if is_parent:
                total += ended_children_nanoseconds(pid)
        except OSError:
            # It has ended meanwhile, and is its parent's to tell at the next look.
            continue
    return total / NANOSECONDS


def system_seconds(root: int) -> float:
    """What of cpu_seconds the kernel used for them, in steps of 10 ms; 0 where there is no such process."""
    if not LINUX:
        return _by_psutil(root, ("system", "children_system"))
    ticks = 0
    for pid in tree(root):
        with suppress(OSError):
            fields = _fields(pid)
            ticks += int(fields[STIME]) + int(fields[CSTIME])
    return ticks / TICKS_PER_SECOND


def machine_seconds() -> float:
    """How long the cores of this machine were busy, whoever used them; not what its host took away."""
    times = psutil.cpu_times()
    # "user" has the time of guests in it.
    return sum(getattr(times, name, 0.0) for name in ("user", "nice", "system", "irq", "softirq"))


def process_nanoseconds(pid: int) -> int:
    """Of one living process, all threads. Raises OSError where there is none."""
    # As the kernel numbers the clock of another process: clock_getcpuclockid(3) makes the same number.
    return time.clock_gettime_ns((~pid << 3) | 2)


def ended_children_nanoseconds(pid: int) -> int:
    """Of the children that a process has seen end, and of theirs. Raises OSError where there is no such process."""
    fields = _fields(pid)
    return (int(fields[CUTIME]) + int(fields[CSTIME])) * NANOSECONDS // TICKS_PER_SECOND


def _fields(pid: int) -> list[bytes]:
    return (PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()


def tree(root: int) -> dict[int, bool]:
    """A process and its descendants, on Linux, and whether each may have children that have ended.

    That is asked of the root, and of those with children that live: Postgres has hundreds without. Nothing is found
    where the root has ended.
    """
    found: dict[int, bool] = {}
    unseen = [root]
    while unseen:
        pid = unseen.pop()
        children = _children(pid)
        if children is not None:
            found[pid] = pid == root or bool(children)
            unseen += children
    return found


def _children(pid: int) -> list[int] | None:
    """Of all threads of a process; None where it has ended."""
    folder = f"/proc/{pid}/task"
    try:
        # A folder has a link for each folder in it, and two of its own: this costs less than to list it.
        threads = [str(pid)] if os.stat(folder).st_nlink == ONE_THREAD else os.listdir(folder)  # noqa: PTH116, PTH208
    except OSError:
        return None
    children: list[int] = []
    for thread in threads:
        try:
            with open(f"{folder}/{thread}/children", "rb", buffering=0) as file:  # noqa: PTH123 - it is read often
                children += map(int, file.read().split())
        except OSError:
            continue
    return children


def _by_psutil(root: int, kinds: Sequence[str] = ("user", "system", "children_user", "children_system")) -> float:
    try:
        process = psutil.Process(root)
        processes = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    total = 0.0
    for each in processes:
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += sum(getattr(times, kind) for kind in kinds)
    return total
