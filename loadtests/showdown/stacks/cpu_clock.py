"""How much CPU time a tier's processes have used so far: in ns on Linux, as well as psutil can say elsewhere.

A living process's own time is its CPU clock. That of a child that has ended is its parent's to tell, in steps of 10 ms,
as soon as the parent has taken note of the end.
"""

import os
import sys
import time
from pathlib import Path

import psutil

PROC = Path("/proc")
LINUX = sys.platform == "linux"
# Fields of /proc/PID/stat behind the command's name: cutime and cstime, in ticks.
CUTIME, CSTIME = 13, 14
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
NANOSECONDS = 1_000_000_000


def cpu_seconds(root: int) -> float:
    """Of a process and its descendants, those included that have ended; 0 where there is no such process."""
    if not LINUX:
        return _by_psutil(root)
    total = 0
    for pid in tree(root):
        try:
            total += process_nanoseconds(pid) + ended_children_nanoseconds(pid)
        except OSError:
            # It has ended meanwhile, and is its parent's to tell at the next look.
            continue
    return total / NANOSECONDS


def process_nanoseconds(pid: int) -> int:
    """Of one living process, all threads. Raises OSError where there is none."""
    # As the kernel numbers the clock of another process: clock_getcpuclockid(3) makes the same number.
    return time.clock_gettime_ns((~pid << 3) | 2)


def ended_children_nanoseconds(pid: int) -> int:
    """Of the children that a process has seen end, and of theirs. Raises OSError where there is no such process."""
    fields = (PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
    return (int(fields[CUTIME]) + int(fields[CSTIME])) * NANOSECONDS // TICKS_PER_SECOND


def tree(root: int) -> list[int]:
    """A process and its descendants, on Linux; nothing where it has ended."""
    found, unseen = [], [root]
    while unseen:
        pid = unseen.pop()
        try:
            threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 - it is read often
        except OSError:
            continue
        found.append(pid)
        for thread in threads:
            try:
                with open(f"/proc/{pid}/task/{thread}/children", "rb") as children:  # noqa: PTH123 - it is read often
                    unseen += map(int, children.read().split())
            except OSError:
                continue
    return found


def _by_psutil(root: int) -> float:
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
        total += times.user + times.system + times.children_user + times.children_system
    return total
