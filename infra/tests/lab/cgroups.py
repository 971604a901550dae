"""A control group for each test host: systemd on two hosts would take the same group's processes for its own."""

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
    """New groups for a host, one in each hierarchy that systemd uses. At the end nothing may run in them."""
    groups = [hierarchy / f"{PREFIX}{name}" for hierarchy in _hierarchies()]
    try:
        for group in groups:
            # A killed lab's.
            _remove(group)
            group.mkdir()
        yield groups
    finally:
        for group in groups:
            _remove(group)


def _hierarchies() -> list[Path]:
    """Where version 2 is mounted, and version 1's for systemd where there is such."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    return [
        Path(where)
        for _, where, kind, options, *_ in mounts
        if kind == "cgroup2" or (kind == "cgroup" and "name=systemd" in options.split(","))
    ]


def _remove(group: Path) -> None:
    """With those below it, once their last process has ended. Raises LabError where one has not."""
    end = time.monotonic() + EMPTY_SECONDS
    while group.exists():
        try:
            for folder, _, _ in os.walk(group, topdown=False):
                Path(folder).rmdir()
        except OSError as error:
            if time.monotonic() > end:
                raise LabError(f"something still runs in {error.filename}") from None
            time.sleep(POLL_SECONDS)
