"""A lock file: one process at a time holds it, and the file names that process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from showdown_contract.errors import ShowdownError


class LockedError(ShowdownError):
    """Another process holds it."""

    def __init__(self, holder: str) -> None:
        """`holder`: the name that this process gave itself."""
        super().__init__(f"another process holds the lock: {holder or 'unknown'}")
        self.holder = holder


@contextmanager
def locked(path: Path, holder: str) -> Iterator[None]:
    """Hold the lock until the context is left, or this process ends. The file is made if need be.

    Raises LockedError at once if another process holds it, and OSError if it cannot be written.
    """
    # A link that somebody has put in its place is not followed.
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o644), "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise LockedError(lock.read().strip()) from None
        lock.truncate(0)
        lock.write(holder)
        lock.flush()
        yield
        lock.truncate(0)
