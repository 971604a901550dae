"""Where the stack keeps its files between runs, and the lock that gives them one owner at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_stack.errors import StackError


def state_folder() -> Path:
    """$SHOWDOWN_STATE, or a cache folder: the user's, or for root one that an unprivileged server can reach."""
    if chosen := os.environ.get("SHOWDOWN_STATE"):
        return Path(chosen).absolute()
    if os.geteuid() == 0:
        return Path("/var/cache/showdown")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "showdown"


@contextmanager
def locked_state() -> Iterator[Path]:
    """The state folder, made if need be, for this process alone. Raises StackError where another one has it."""
    folder = state_folder()
    try:
        if os.geteuid() == 0:
            # What root writes here, servers that are not root must be able to read.
            os.umask(0o022)
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a+")
    except OSError as error:
        raise StackError(
            f"cannot write to {folder} ({error.strerror}): set SHOWDOWN_STATE to a folder of yours"
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise StackError(
                f"another showdown (process {lock.read().strip() or 'unknown'}) uses the stack in {folder}: "
                "wait for it, stop it, or set SHOWDOWN_STATE to another folder"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield folder
        lock.truncate(0)
