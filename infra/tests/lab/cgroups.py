"""A control group for each test host: in a shared one, each host's systemd would manage the processes of both."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.errors import LabError

PREFIX = "sdlab-"
EMPTY_SECONDS = 10.0
POLL_SECONDS = 0.05


@contextmanager
def control_groups(name: str) -> Iterator[list[Path]]:
    """Make groups for a host, one in each hierarchy that systemd uses. At the end they must be empty."""
    groups = [hierarchy / f"{PREFIX}{name}" for hierarchy in _hierarchies()]
    try:
        for group in groups:
            # Left by a lab that was killed.
            _remove(group)
            group.mkdir()
        yield groups
    finally:
        for group in groups:
            _remove(group)


def _hierarchies() -> list[Path]:
    """The mount points of version 2 and, if there is one, of version 1's hierarchy for systemd."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    return [
        Path(where)
        for _, where, kind, options, *_ in mounts
        if kind == "cgroup2" or (kind == "cgroup" and "name=systemd" in options.split(","))
    ]


def _remove(group: Path) -> None:
    """Remove a group and those below it, once they are empty. Raises LabError if a process does not end."""
    end = time.monotonic() + EMPTY_SECONDS
    while group.exists():
        try:
            for folder, _, _ in os.walk(group, topdown=False):
                Path(folder).rmdir()
        except OSError as error:
            if time.monotonic() > end:
                raise LabError(f"something still runs in {error.filename}") from None
            time.sleep(POLL_SECONDS)
