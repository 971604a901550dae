"""What a tier's processes hold: memory, open files, connections.

On Linux read from /proc itself: psutil looks at every process of the machine to tell the connections of one.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from showdown.stacks.cpu_clock import LINUX, tree
from showdown.stacks.records import TierName

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
ESTABLISHED = b"01"
# Fields of a line of /proc/net/tcp.
STATE, INODE = 3, 9
# One process for each connection, and nobody asks how many files each has open.
MEMORY_ONLY: frozenset[TierName] = frozenset({"postgres"})


@dataclass(frozen=True)
class Footprint:
    """Sums over the processes of a tier. None: it was not looked at, or this system does not tell."""

    rss_bytes: int
    fds: int | None
    connections: int | None


def footprints(roots: Mapping[TierName, int]) -> dict[TierName, Footprint]:
    """Of each tier by its root process and all descendants; one that ends meanwhile counts for nothing."""
    if not LINUX:
        return {tier: _by_psutil(root) for tier, root in roots.items()}
    established = _established()
    return {tier: _of_tree(root, None if tier in MEMORY_ONLY else established) for tier, root in roots.items()}


def _of_tree(root: int, established: set[bytes] | None) -> Footprint:
    rss_bytes = fds = connections = 0
    for pid in tree(root):
        with suppress(OSError):
            rss_bytes += int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * PAGE_BYTES
            if established is not None:
                folder = f"/proc/{pid}/fd"
                names = os.listdir(folder)  # noqa: PTH208 - it is read often
                fds += len(names)
                for name in names:
                    with suppress(OSError):
                        connections += os.readlink(f"{folder}/{name}".encode()) in established  # noqa: PTH115 - likewise
    if established is None:
        return Footprint(rss_bytes, None, None)
    return Footprint(rss_bytes, fds, connections)


def _established() -> set[bytes]:
    """Of all connections that are, what /proc/PID/fd calls them."""
    found = set()
    for file in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(file).read_bytes().splitlines()[1:]:
                fields = line.split()
                if fields[STATE] == ESTABLISHED:
                    found.add(b"socket:[" + fields[INODE] + b"]")
    return found


def _by_psutil(root: int) -> Footprint:
    try:
        process = psutil.Process(root)
        processes = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return Footprint(0, 0, 0)
    rss_bytes, fds, connections = 0, 0, 0
    told = True
    for each in processes:
        try:
            rss_bytes += each.memory_info().rss
            fds += each.num_fds()
            connections += sum(one.status == psutil.CONN_ESTABLISHED for one in each.net_connections("tcp"))
        except psutil.NoSuchProcess:
            continue
        except psutil.AccessDenied:
            told = False
    return Footprint(rss_bytes, fds if told else None, connections if told else None)
