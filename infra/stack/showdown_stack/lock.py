"""A file that one process at a time holds, and that says who does."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LockedError(Exception):
    """Another process holds it."""

    def __init__(self, holder: str) -> None:
        """`holder`: as that process calls itself."""
        super().__init__(holder)
        self.holder = holder


@contextmanager
def locked(path: Path, holder: str) -> Iterator[None]:
    """Hold the file, which is made if need be; it is free again at the latest when this process ends.

    Raises LockedError at once where another process holds it, and OSError where it cannot be written to.
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
