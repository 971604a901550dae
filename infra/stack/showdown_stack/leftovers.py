"""Ends servers that a killed showdown has left running because their keepers were killed too."""

import os
import time
from contextlib import suppress
from pathlib import Path

import psutil
from showdown_contract.errors import ShowdownError

# Programs that have a file of the state folder on their command line.
SERVERS = {"postgres", "haproxy", "pgbouncer", "upstream", "link"}
# If its keeper still runs, a server gets this long to end in order.
KEEPERS_SECONDS = 20.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.1


def end_leftovers(state: Path) -> None:
    """End the servers of an earlier showdown in a state folder whose lock we hold. Raises ShowdownError."""
    _all_end(state, KEEPERS_SECONDS, only_kept=True)
    for end in (psutil.Process.terminate, psutil.Process.kill):
        for process in servers(state):
            with suppress(psutil.Error):
                end(process)
        if _all_end(state, STOP_SECONDS):
            return
    if servers(state):
        left = ", ".join(f"{process.name()} (process {process.pid})" for process in servers(state))
        raise ShowdownError(f"an earlier showdown has left {left} running in {state}: end that first")


def servers(state: Path, *, only_kept: bool = False) -> list[psutil.Process]:
    """The servers that use files of a state folder. `only_kept`: only those whose keeper still runs."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if (
                process.name() in SERVERS
                and any(word.startswith(f"{state}{os.sep}") for word in process.cmdline()[1:])
                and process.status() != psutil.STATUS_ZOMBIE
                and (not only_kept or _is_kept(process))
            ):
                found.append(process)
    return found


def _is_kept(process: psutil.Process) -> bool:
    parent = process.parent()
    return parent is not None and "showdown_stack.keeper" in parent.cmdline()


def _all_end(state: Path, seconds: float, *, only_kept: bool = False) -> bool:
    end = time.monotonic() + seconds
    while running := servers(state, only_kept=only_kept):
        if time.monotonic() > end:
            break
        time.sleep(POLL_SECONDS)
    return not running
