"""A program that a keeper of its own has started (keeper.py): it ends when nobody holds it, whatever ends us."""

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
# What a keeper may take beyond the program's own time to end: see its LEFT_SECONDS and KILL_SECONDS.
KEEPER_SECONDS = 20.0


class Kept:
    """The caller's end. Hold it, and call stop() in the end."""

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
        """`output`: where both of its outputs go; it has no input then, and a session of its own. Without, it has ours.

        Raises OSError where it does not start.
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
        """The program's own, not its keeper's."""
        return int(self._told["pid"])

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative where a signal ended it."""
        self._listen(0)
        code: int | None = self._told.get("exit")
        return code

    @property
    def killed(self) -> list[str]:
        """After stop(): what did not end when it was asked to."""
        return list(self._told.get("killed", []))

    def wait(self) -> int:
        """The exit code, once there is one."""
        while (code := self.exit_code) is None:
            self._listen(None)
        return code

    def begin_stop(self) -> None:
        """Ask it to end, and do not wait: where several are to end, they end at the same time."""
        self._tell("stop")

    def stop(self) -> None:
        """End it and everything that it has started; that is so, too, where an impatient Ctrl-C ends the wait."""
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
        # What it says is read: it must not wait for us.
        while self._listen(max(0.0, end - time.monotonic())) and time.monotonic() < end:
            pass
        try:
            self._keeper.wait(max(0.0, end - time.monotonic()) + 1)
        except subprocess.TimeoutExpired:
            # The kernel then asks the program to end: see privilege.launcher.
            self._keeper.kill()
            self._keeper.wait()

    def _listen(self, seconds: float | None) -> bool:
        """Take in what the keeper says within a time. Whether it may say more."""
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
            # A keeper that was killed, and its program with it, has not told the exit code.
            self._told.setdefault("exit", -signal.SIGKILL)
        return bool(said)

    def _tell(self, what: str) -> None:
        # One that has ended has told its last already.
        with suppress(OSError):
            self._leash.settimeout(KEEPER_SECONDS)
            self._leash.sendall(what.encode() + b"\n")
