"""What a tier's processes hold, and have used: memory, open files, connections, CPU time.

On Linux read from /proc itself: psutil looks at every process of the machine to tell the connections of one.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import psutil

from showdown.stacks.cpu_clock import LINUX, cpu_seconds, cpu_seconds_of, tree
from showdown.stacks.established import established
from showdown.stacks.records import TierName

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# One process for each connection, and nobody asks how many files each has open.
MEMORY_ONLY: frozenset[TierName] = frozenset({"postgres"})


@dataclass(frozen=True)
class Footprint:
    """Sums over the processes of a tier. None: it was not looked at, or this system does not tell."""

    cpu_seconds: float
    """Since its root process started; that of ended children included, for the root inherits it."""
    rss_bytes: int
    fds: int | None
    connections: int | None


def footprints(roots: Mapping[TierName, int]) -> dict[TierName, Footprint]:
    """Of each tier by its root process and all descendants; one that ends meanwhile counts for nothing."""
    if not LINUX:
        return {tier: _by_psutil(root) for tier, root in roots.items()}
    connections = established()
    return {tier: _of_tree(root, None if tier in MEMORY_ONLY else connections) for tier, root in roots.items()}


def _of_tree(root: int, known: set[bytes] | None) -> Footprint:
    rss_bytes = fds = connections = 0
    processes = tree(root)
    for pid in processes:
        with suppress(OSError):
            with open(f"/proc/{pid}/statm", "rb", buffering=0) as file:  # noqa: PTH123 - it is read often
                rss_bytes += int(file.read().split()[1]) * PAGE_BYTES
            if known is not None:
                folder = f"/proc/{pid}/fd"
                names = os.listdir(folder)  # noqa: PTH208 - likewise
                fds += len(names)
                for name in names:
                    with suppress(OSError):
                        connections += os.readlink(f"{folder}/{name}".encode()) in known  # noqa: PTH115 - likewise
    seconds = cpu_seconds_of(processes)
    if known is None:
        return Footprint(seconds, rss_bytes, None, None)
    return Footprint(seconds, rss_bytes, fds, connections)


def _by_psutil(root: int) -> Footprint:
    try:
        process = psutil.Process(root)
        processes = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return Footprint(0.0, 0, 0, 0)
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
    return Footprint(cpu_seconds(root), rss_bytes, fds if told else None, connections if told else None)
