"""Limits of open files of other users' processes."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from showdown_contract.errors import ShowdownError
from showdown_stack.privilege import User, launcher


def open_files_limit(pid: int) -> int:
    """The soft limit. Raises OSError where there is no such process."""
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    soft = next(line for line in lines if line.startswith("Max open files")).split()[3]
    # All other words are numbers.
    return int(soft) if soft.isdecimal() else -1


@contextmanager
def limited_open_files(processes: list[psutil.Process], user: User, most: int) -> Iterator[None]:
    """Lower the soft limit of each of a user's processes, and raise it again in the end. Raises ShowdownError."""
    before: dict[int, int] = {}
    try:
        for process in processes:
            before[process.pid] = open_files_limit(process.pid)
            _set(process.pid, user, most)
        yield
    finally:
        for pid, limit in before.items():
            # It may have been replaced meanwhile, for it could not go on.
            with suppress(ShowdownError):
                _set(pid, user, limit)


def _set(pid: int, user: User, soft: int) -> None:
    # As that user: root may not, unless it has a capability that containers rarely have.
    command = [*launcher("KILL", user=user), "prlimit", f"--pid={pid}", f"--nofile={soft}:"]
    try:
        subprocess.run(command, capture_output=True, text=True, check=True)
    except OSError as error:
        raise ShowdownError(f"prlimit (package util-linux) does not start: {error.strerror}") from None
    except subprocess.CalledProcessError as error:
        raise ShowdownError(f"the limit of open files of process {pid} cannot be set: {error.stderr.strip()}") from None
