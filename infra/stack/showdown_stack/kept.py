"""A program under a keeper (keeper.py), which ends it when we are done with it or are gone ourselves."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

START_SECONDS = 60.0
# What a keeper may take after the program's own time to end: see its LEFT_SECONDS and KILL_SECONDS.
KEEPER_SECONDS = 20.0


class Kept:
    """The caller's side of a keeper. Call stop() in the end."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        stop_seconds: float,
        stop_signal: signal.Signals = signal.SIGTERM,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        output: int | None = None,
    ) -> None:
        """`output`: where stdout and stderr go; the program then has no stdin, and a session of its own.

        Without it, the program shares all of these with us. Raises OSError if it does not start.
        """
        self._stop_seconds = stop_seconds
        self._told: dict[str, Any] = {}
        self._unfinished = b""
        self._leash, keepers = socket.socketpair()
        apart = output is not None
        with keepers:
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", "-m", "showdown_stack.keeper", str(keepers.fileno())],
                stdin=subprocess.DEVNULL if apart else None,
                stdout=output,
                stderr=output,
                env={"PATH": os.defpath, "LANG": "C.UTF-8"},
                pass_fds=[keepers.fileno()],
                start_new_session=apart,
            )
        request = {
            "command": list(command),
            "environment": dict(os.environ if environment is None else environment),
            "folder": str(folder or Path.cwd()),
            "session": apart,
            "stop_signal": int(stop_signal),
            "stop_seconds": stop_seconds,
        }
        try:
            self._tell(json.dumps(request))
            self._require_started()
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """The process id of the program, not of its keeper."""
        return int(self._told["pid"])

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative if a signal ended it."""
        self._listen(0)
        code: int | None = self._told.get("exit")
        return code

    @property
    def killed(self) -> list[str]:
        """After stop(): what had to be killed."""
        return list(self._told.get("killed", []))

    def wait(self) -> int:
        """Wait until it ends, and return its exit code."""
        while (code := self.exit_code) is None:
            self._listen(None)
        return code

    def begin_stop(self) -> None:
        """Ask it to end, and do not wait: where several are to end, they end at the same time."""
        self._tell("stop")

    def stop(self) -> None:
        """End it and everything that it has started, even if another Ctrl-C interrupts the wait."""
        self._tell("stop")
        try:
            self._wait_for_keeper(self._stop_seconds + KEEPER_SECONDS)
        except BaseException:
            self._tell("kill")
            self._wait_for_keeper(KEEPER_SECONDS)
            raise
        finally:
            self._leash.close()

    def _require_started(self) -> None:
        end = time.monotonic() + START_SECONDS
        while "pid" not in self._told and time.monotonic() < end and self._listen(end - time.monotonic()):
            pass
        if "pid" not in self._told:
            raise OSError(0, self._told.get("error", "its keeper does not answer"))

    def _wait_for_keeper(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        # Read what it says, for it must not have to wait for us.
        while self._listen(max(0.0, end - time.monotonic())) and time.monotonic() < end:
            pass
        try:
            self._keeper.wait(max(0.0, end - time.monotonic()) + 1)
        except subprocess.TimeoutExpired:
            # The kernel then sends the program its death signal: see privilege.launcher.
            self._keeper.kill()
            self._keeper.wait()

    def _listen(self, seconds: float | None) -> bool:
        """Read what the keeper says within a time. Returns whether it may say more."""
        if self._leash.fileno() < 0:
            return False
        self._leash.settimeout(seconds)
        try:
            said = self._leash.recv(65536)
        except (TimeoutError, BlockingIOError):
            return True
        except OSError:
            said = b""
        *lines, self._unfinished = (self._unfinished + said).split(b"\n")
        for line in lines:
            self._told |= json.loads(line)
        if not said:
            # The keeper was killed, and its program with it, so there is no exit code.
            self._told.setdefault("exit", -signal.SIGKILL)
        return bool(said)

    def _tell(self, what: str) -> None:
        # If it has ended, it has nothing more to say.
        with suppress(OSError):
            self._leash.settimeout(KEEPER_SECONDS)
            self._leash.sendall(what.encode() + b"\n")
