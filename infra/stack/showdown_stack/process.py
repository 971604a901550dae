"""A child process: started unprivileged with its output in a log file, and always stopped."""

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
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
        """`user`: whose it is where we are root, unless `as_ourselves`; the others are as for privilege.launcher."""
        self.name = name
        self.log = log
        words = launcher(stop_signal.name.removeprefix("SIG"), user=user, reads=reads, as_ourselves=as_ourselves)
        try:
            with _opened(log) as output:
                self._kept = Kept(
                    [*words, *command],
                    stop_seconds=STOP_SECONDS,
                    stop_signal=stop_signal,
                    environment=environment,
                    # Not ours: an unprivileged server cannot stand in /root.
                    folder=folder or Path("/"),
                    output=output.fileno(),
                )
        except OSError as error:
            raise ShowdownError(f"{name} does not start: {command[0]}: {error.strerror}") from None

    @property
    def pid(self) -> int:
        return self._kept.pid

    @property
    def running(self) -> bool:
        return self._kept.exit_code is None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative where a signal ended it."""
        return self._kept.exit_code

    @property
    def result(self) -> str:
        return f"exit code {self.exit_code}"

    def wait_until(self, ready: Callable[[], bool], seconds: float, asked: object = "") -> None:
        """Return once `ready()`. Raises ShowdownError with the end of the log where it exits first or time runs out.

        `asked`: as a text, what was asked last and answered.
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
        """Ask the process to end; after STOP_SECONDS end it. Ends whatever it had started, daemons too."""
        self._kept.stop()

    def require_ended(self) -> None:
        """Raise ShowdownError where, to stop it, something had to be killed."""
        if killed := self._kept.killed:
            raise ShowdownError(f"{self.name} did not end when it was asked to: killed {', '.join(killed)}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _opened(log: Path) -> BinaryIO:
    """A log to append to. A link that somebody has put in its place is not followed."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(log, flags, 0o644), "ab")
