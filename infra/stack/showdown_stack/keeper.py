"""Keeps one program: starts it, and ends it and everything that it has started, even if the caller is killed.

    python -I -m showdown_stack.keeper DESCRIPTOR

DESCRIPTOR is a socket whose other end the caller holds (kept.py). The caller sends a line of JSON, the request.
The keeper answers in lines of JSON: {"pid": …} or {"error": …}, then {"exit": …} once the program has ended. It
ends everything when the caller sends "stop" or closes its end, even by dying; "kill" takes away the time that the
program would have had to end in order. The last line is {"killed": […]}: what did not end when it was asked to.
"""

import ctypes
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

import psutil

# For processes that outlive the program: the time to end when asked to, and the time to be gone when killed.
LEFT_SECONDS = 5.0
KILL_SECONDS = 5.0
POLL_SECONDS = 0.02
PR_SET_CHILD_SUBREAPER = 36
HURRY = b"kill"


class Keeper:
    """A running program, its descendants, and the caller's socket."""

    def __init__(self, leash: socket.socket, request: dict[str, Any]) -> None:
        """`request`: command, environment, folder, session (of its own), stop_signal and stop_seconds.

        Raises OSError or ValueError where the program does not start.
        """
        self._leash = leash
        self._stop_signal: int = request["stop_signal"]
        self._stop_seconds: float = request["stop_seconds"]
        self._wanted, self._hurry = True, False
        self._events = selectors.DefaultSelector()
        self._events.register(leash, selectors.EVENT_READ)
        self._wakes = _wakes()
        self._events.register(self._wakes, selectors.EVENT_READ)
        self._program = subprocess.Popen(
            request["command"],
            env=request["environment"],
            cwd=request["folder"],
            start_new_session=request["session"],
        )
        say(leash, pid=self._program.pid)

    def keep(self) -> None:
        """Return when the program is no longer wanted, and it and everything that it has started have ended."""
        while self._wanted:
            self._wait(None)
        if self._runs():
            # Only we reap it, so the number cannot be another process's yet.
            os.kill(self._program.pid, self._stop_signal)
            self._wait_while(self._runs, self._stop_seconds)
        if not self._runs():
            for process in _descendants():
                with suppress(psutil.Error):
                    process.terminate()
            self._wait_while(lambda: bool(_descendants()), LEFT_SECONDS)
        killed = self._kill()
        for name in killed:
            sys.stderr.write(f"showdown: {name} did not end when it was asked to, and was killed\n")
        say(self._leash, killed=killed)

    def _kill(self) -> list[str]:
        """Kill whatever is left, and return its names."""
        killed: dict[int, str] = {}
        end = time.monotonic() + KILL_SECONDS
        while (left := _descendants()) and time.monotonic() < end:
            for process in left:
                with suppress(psutil.Error):
                    killed[process.pid] = f"{process.name()} (process {process.pid})"
                    # psutil compares the time of creation, so a new process with the same number is safe.
                    process.kill()
            self._wait(POLL_SECONDS)
        return list(killed.values())

    def _runs(self) -> bool:
        return self._program.returncode is None

    def _wait_while(self, condition: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while condition() and not self._hurry and time.monotonic() < end:
            self._wait(POLL_SECONDS)

    def _wait(self, seconds: float | None) -> None:
        """Wait until the caller says something, a child ends, or time is over."""
        for key, _ in self._events.select(seconds):
            if key.fileobj is self._wakes:
                self._wakes.recv(4096)
            else:
                self._listen()
        self._reap()

    def _listen(self) -> None:
        try:
            said = self._leash.recv(4096)
        except OSError:
            said = b""
        self._wanted = False
        self._hurry = self._hurry or HURRY in said
        if not said:
            self._events.unregister(self._leash)

    def _reap(self) -> None:
        """Reap children that have ended: the program, and orphans that it has left."""
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = ended
                if pid == self._program.pid:
                    self._program.returncode = os.waitstatus_to_exitcode(status)
                    say(self._leash, exit=self._program.returncode)


def say(leash: socket.socket, **what: object) -> None:
    """Tell the caller, if it is still there."""
    with suppress(OSError):
        leash.sendall(json.dumps(what).encode() + b"\n")


def _descendants() -> list[psutil.Process]:
    """The program and what it has started, as far as they still run."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _adopt_orphans() -> None:
    """Have the kernel make orphans our children instead of init's, so that daemons are found. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _wakes() -> socket.socket:
    """A socket that is readable when a child has ended. Signals of the terminal are left to caller and program."""
    reading, writing = socket.socketpair()
    for end in (reading, writing):
        end.setblocking(False)
    signal.set_wakeup_fd(writing.detach(), warn_on_full_buffer=False)
    # A handler: if the signals were ignored, the program would ignore them too.
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, _do_nothing)
    return reading


def _do_nothing(_signal: int, _frame: FrameType | None) -> None:
    """Do nothing: the signal has woken us, which is all that it is for."""


def main() -> None:
    """Keep the program that the request names."""
    leash = socket.socket(fileno=int(sys.argv[1]))
    # Without a buffer, so that what follows the line is not lost.
    with leash.makefile("rb", buffering=0) as lines:
        line = lines.readline()
    if not line.endswith(b"\n"):
        return
    _adopt_orphans()
    try:
        keeper = Keeper(leash, json.loads(line))
    except (OSError, ValueError) as error:
        say(leash, error=getattr(error, "strerror", None) or str(error))
        return
    keeper.keep()


if __name__ == "__main__":
    main()
