"""A child process: started unprivileged with its output in a log file, and always stopped."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

import psutil

from local_stack.errors import StackError
from local_stack.privilege import launcher
from local_stack.text import tail

STOP_SECONDS = 15.0
KILL_SECONDS = 5.0
POLL_SECONDS = 0.02
LOG_LINES_SHOWN = 12


class Process:
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
        reads: Sequence[Path] = (),
        as_ourselves: bool = False,
    ) -> None:
        self.name = name
        self.log = log
        self._stop_signal = stop_signal
        with log.open("ab") as output:
            try:
                self._popen = subprocess.Popen(
                    [*launcher(stop_signal.name.removeprefix("SIG"), reads=reads, as_ourselves=as_ourselves), *command],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=dict(environment) if environment is not None else None,
                    # Not ours: an unprivileged server cannot stand in /root.
                    cwd=folder or "/",
                    # A session of its own: Ctrl-C in the terminal reaches us, and we stop the servers in order.
                    start_new_session=True,
                )
            except (OSError, ValueError) as error:
                # ValueError: a NUL in a word of the command, or in a variable.
                reason = error.strerror if isinstance(error, OSError) else error
                raise StackError(f"{name} does not start: {command[0]}: {reason}") from None

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative where a signal ended it."""
        return self._popen.poll()

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Return once `ready()`. Raises StackError, with the end of the log, where it exits first or time runs out."""
        end = time.monotonic() + seconds
        while not ready():
            if not self.running:
                raise StackError(f"{self.name} exited with code {self._popen.returncode} at start.\n{self.log_tail()}")
            if time.monotonic() > end:
                raise StackError(f"{self.name} is not ready after {seconds:.0f} s.\n{self.log_tail()}")
            time.sleep(POLL_SECONDS)

    def log_tail(self) -> str:
        """The end of the log, and where to find it all."""
        return tail(self.log, LOG_LINES_SHOWN)

    def how_it_ended(self, when: str = "") -> str:
        """For people: that it ended (`when`: such as " in mid-run"), its exit code, and the end of its log."""
        return f"{self.name} ended{when} (exit code {self.exit_code}).\n{self.log_tail()}"

    def stop(self) -> None:
        """Ask the process to end; after STOP_SECONDS end it, and whatever it had started."""
        if self.running:
            self._popen.send_signal(self._stop_signal)
        try:
            self._popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        finally:
            # Also when an impatient Ctrl-C ends the wait. Its session is its own, so this reaches nothing
            # but what it started: itself if it hangs, and children that outlived it. (macOS refuses for zombies.)
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        self._wait_for_group()

    def _wait_for_group(self) -> None:
        """Return when the kernel has ended what was killed: until then it may hold a port."""
        end = time.monotonic() + KILL_SECONDS
        while time.monotonic() < end and any(map(_alive, _group(self._popen.pid))):
            time.sleep(POLL_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _group(leader: int) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(ProcessLookupError, PermissionError):
            if os.getpgid(process.pid) == leader:
                found.append(process)
    return found


def _alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
