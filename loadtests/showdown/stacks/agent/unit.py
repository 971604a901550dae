"""Starts, inspects and stops a systemd unit."""

import subprocess
from dataclasses import dataclass

from showdown_contract.errors import ShowdownError
from showdown_stack.ending import Ending
from showdown_stack.text import quoted

LOG_LINES_SHOWN = 12
SYSTEMD_SECONDS = 60.0


@dataclass(frozen=True)
class Unit(Ending):
    """A unit by its name."""

    name: str

    def restart(self) -> None:
        """Restart it, even if an earlier start failed. Raises ShowdownError with the end of its log if it fails."""
        _systemctl("reset-failed", self.name)
        if _systemctl("restart", self.name).returncode != 0:
            raise ShowdownError(self.how_it_ended())

    def stop(self) -> None:
        _systemctl("stop", self.name)

    @property
    def pid(self) -> int:
        """The process id of its main process; 0 if none runs."""
        return int(self._property("MainPID") or 0)

    @property
    def running(self) -> bool:
        return self._property("ActiveState") in {"active", "activating", "reloading"}

    @property
    def result(self) -> str:
        """Systemd's word for it, and the exit code of the main process or the signal that ended it."""
        return f"{self._property('Result')}, {self._property('ExecMainStatus')}"

    def log(self, lines: int) -> str:
        """The last lines of its log."""
        command = ["journalctl", "--unit", self.name, "--lines", str(lines), "--output", "cat", "--quiet"]
        return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False).stdout

    def log_tail(self) -> str:
        """The end of its log, as part of a message."""
        return quoted(f"The end of its log (journalctl -u {self.name}):", self.log(LOG_LINES_SHOWN).splitlines())

    def _property(self, name: str) -> str:
        return _systemctl("show", self.name, "--property", name, "--value").stdout.strip()


def _systemctl(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["systemctl", *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=SYSTEMD_SECONDS)
    except subprocess.TimeoutExpired:
        raise ShowdownError(f"{' '.join(command)} is not done after {SYSTEMD_SECONDS:.0f} s") from None
