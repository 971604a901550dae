"""A child process that runs unprivileged, writes to a log file, and is always stopped."""

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO, Self

from showdown_contract.errors import ShowdownError

from showdown_stack.ending import Ending
from showdown_stack.kept import Kept
from showdown_stack.privilege import SERVICE, User, launcher
from showdown_stack.text import tail

STOP_SECONDS = 15.0
POLL_SECONDS = 0.02
LOG_LINES_SHOWN = 12


class Process(Ending):
    """A running server. Use as a context manager, or call stop()."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: User = SERVICE,
        reads: Sequence[Path] = (),
        as_ourselves: bool = False,
    ) -> None:
        """`user`: who runs it if we are root, unless `as_ourselves`. `reads`: as for privilege.launcher."""
        self.name = name
        self.log = log
        words = launcher(stop_signal.name.removeprefix("SIG"), user=user, reads=reads, as_ourselves=as_ourselves)
        self._program = command[0]
        self._start = partial(
            Kept,
            [*words, *command],
            stop_seconds=STOP_SECONDS,
            stop_signal=stop_signal,
            environment=environment,
            # Not our own, which may be /root: an unprivileged server cannot run there.
            folder=folder or Path("/"),
        )
        self._kept = self._started()

    def start_again(self) -> None:
        """End what is left of the program, and start it anew, with the same words. Raises ShowdownError."""
        self._kept.stop()
        self._kept = self._started()

    def _started(self) -> Kept:
        try:
            with _opened(self.log) as output:
                return self._start(output=output.fileno())
        except OSError as error:
            raise ShowdownError(f"{self.name} does not start: {self._program}: {error.strerror}") from None

    @property
    def pid(self) -> int:
        return self._kept.pid

    @property
    def running(self) -> bool:
        return self._kept.exit_code is None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative if a signal ended it."""
        return self._kept.exit_code

    @property
    def result(self) -> str:
        return f"exit code {self.exit_code}"

    def wait_until(self, ready: Callable[[], bool], seconds: float, asked: object = "") -> None:
        """Return once `ready()`. Raises ShowdownError with the end of the log if it exits first, or time runs out.

        `asked`: its str() says what was asked last, and the answer.
        """
        end = time.monotonic() + seconds
        while not ready():
            if not self.running:
                raise ShowdownError(f"{self.name} exited with code {self.exit_code} at start.\n{self.log_tail()}")
            if time.monotonic() > end:
                last = f"\n{asked}" if str(asked) else ""
                raise ShowdownError(f"{self.name} is not ready after {seconds:.0f} s.{last}\n{self.log_tail()}")
            time.sleep(POLL_SECONDS)

    def log_tail(self) -> str:
        """The end of the log, and where to find it all."""
        return tail(self.log, LOG_LINES_SHOWN)

    def begin_stop(self) -> None:
        """Ask the process to end, and do not wait: stop() is still to be called."""
        self._kept.begin_stop()

    def stop(self) -> None:
        """Ask the process to end; kill it after STOP_SECONDS. Ends everything that it has started, daemons too."""
        self._kept.stop()

    def require_ended(self) -> None:
        """Raise ShowdownError if stop() had to kill anything."""
        if killed := self._kept.killed:
            raise ShowdownError(f"{self.name} did not end when it was asked to: killed {', '.join(killed)}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _opened(log: Path) -> BinaryIO:
    """Open a log to append to it. A link in its place is not followed."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(log, flags, 0o644), "ab")
