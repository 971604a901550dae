"""Hosts reached by the OpenSSH client: one connection each, over which all that is asked of a host goes."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from showdown_contract.errors import ShowdownError
from showdown_stack.ending import Ending
from showdown_stack.process import POLL_SECONDS, Process
from showdown_stack.text import tail

from showdown.files import read_bounded
from showdown.stacks.cloud.outputs import CloudHost

AGENT = "/opt/showdown/.venv/bin/python -m showdown.stacks.agent"
# A host that has just been made takes a while until it listens.
CONNECT_SECONDS = 300.0
ATTEMPT_SECONDS = 30.0
RETRY_SECONDS = 2.0
# What asking again does not change.
FINAL = (
    "Permission denied",
    "Host key verification failed",
    "REMOTE HOST IDENTIFICATION HAS CHANGED",
    "no such identity",
    "Too many authentication failures",
    "Could not request local forwarding",
    # There is no ssh here: as we say it, and as setpriv does.
    "does not start",
    "failed to execute",
)
ANSWER_SECONDS = 120.0
READY_SECONDS = 90.0
FINISH_SECONDS = 30.0
ERROR_LINES_SHOWN = 20
# Samples of a tier, once a second, and the end of a service's log.
MOST_ANSWER_BYTES = 2**28


@dataclass(frozen=True)
class Ssh:
    """How hosts are reached."""

    folder: Path
    """For the connections' sockets: a short path, for a socket's name is limited to 100 bytes or so."""
    known_hosts: Path
    """A key that a host shows the first time is kept here; another one later is refused."""
    identity: Path | None = None

    def command(self, host: CloudHost, *options: str) -> list[str]:
        """The words that connect to a host."""
        settings = {
            "BatchMode": "yes",
            "StrictHostKeyChecking": "accept-new",
            "UserKnownHostsFile": f'"{self.known_hosts}"',
            # Not by its address, which may have been another host's yesterday.
            "HostKeyAlias": f"showdown-{host.id}",
            "ControlPath": f'"{self.folder / host.name}"',
            "ConnectTimeout": "10",
            # A host that falls silent is noticed after 15 s.
            "ServerAliveInterval": "5",
            "ServerAliveCountMax": "3",
        }
        if self.identity:
            # An agent full of other keys would use up the attempts that a host allows.
            settings |= {"IdentityFile": f'"{self.identity}"', "IdentitiesOnly": "yes"}
        # Nothing of the person's own configuration: it may hand on an agent, or go to the background.
        return ["ssh", "-F", "none", *(f"-o{name}={value}" for name, value in settings.items()), *options,
                f"root@{host.public_address}"]  # fmt: skip


@dataclass(frozen=True)
class RemoteHost:
    """A host that we are connected to."""

    about: CloudHost
    ssh: Ssh

    @property
    def name(self) -> str:
        return self.about.name

    def connect(self, log: Path, forwards: Sequence[str] = ()) -> Process:
        """Open the connection, as soon as the host lets us in; `forwards` as of ssh -L.

        Raises ShowdownError with what ssh says.
        """
        end = time.monotonic() + CONNECT_SECONDS
        while True:
            try:
                return self._connect_once(log, forwards)
            except ShowdownError as error:
                if time.monotonic() > end or any(reason in str(error) for reason in FINAL):
                    raise
            time.sleep(RETRY_SECONDS)

    def run(self, command: str, stdin: str = "", seconds: float = ANSWER_SECONDS) -> subprocess.CompletedProcess[str]:
        """A command of the host's shell. Raises ShowdownError where it takes longer."""
        words = [*self.ssh.command(self.about), command]
        try:
            return subprocess.run(
                words, input=stdin, capture_output=True, text=True, errors="replace", check=False, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            raise ShowdownError(f"{self.name}: {command} is not done after {seconds:.0f} s") from None

    def ask(self, command: str, /, **arguments: Any) -> Any:
        """An answer of the host's agent. Raises ShowdownError with what it says where it has none."""
        result = self.run(f"{AGENT} {command}", json.dumps(arguments) + "\n")
        if result.returncode != 0:
            errors = "\n".join(result.stderr.strip().splitlines()[-ERROR_LINES_SHOWN:])
            raise ShowdownError(f"{self.name}: {errors or f'{command} ended with code {result.returncode}'}")
        return last_answer(result.stdout, f"{command} on {self.name}")

    def start(self, name: str, files: Path, command: str, /, **arguments: Any) -> "Task":
        """Let the host's agent do something that goes on until it is finished."""
        return Task(f"{name} on {self.name}", [*self.ssh.command(self.about), f"{AGENT} {command}"], arguments, files)

    def _connect_once(self, log: Path, forwards: Sequence[str]) -> Process:
        # Only what this attempt says, for it decides whether there is another one.
        log.unlink(missing_ok=True)
        options = ["-M", "-N", "-oExitOnForwardFailure=yes", *(f"-L{forward}" for forward in forwards)]
        process = Process(f"SSH to {self.name}", self.ssh.command(self.about, *options), log, as_ourselves=True)
        try:
            process.wait_until((self.ssh.folder / self.name).is_socket, ATTEMPT_SECONDS)
        except BaseException:
            process.stop()
            raise
        return process


def last_answer(text: str, whose: str) -> Any:
    """The last line of JSON. Raises ShowdownError where there is none."""
    try:
        return json.loads(text.splitlines()[-1])
    except (IndexError, ValueError):
        raise ShowdownError(f"{whose} gave no answer: {text[-200:]!r}") from None


def _ends_with_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
        return file.read(1) == b"\n"


class Task(Ending):
    """What an agent does for as long as we hold its stdin. Use as a context manager, or call stop()."""

    def __init__(self, name: str, command: Sequence[str], arguments: dict[str, Any], files: Path) -> None:
        """`files`: a path without suffix, for what it answers and what it says."""
        self.name = name
        self._answers = files.with_name(f"{files.name}.jsonl")
        self._log = files.with_name(f"{files.name}.log")
        with self._answers.open("wb") as answers, self._log.open("ab") as log:
            self._popen = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=answers, stderr=log, text=True, start_new_session=True
            )
        self._send(json.dumps(arguments) + "\n")

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The agent's; 255 where the connection was lost."""
        return self._popen.poll()

    @property
    def result(self) -> str:
        return f"exit code {self.exit_code}"

    def log_tail(self) -> str:
        """What it said at last."""
        return tail(self._log, ERROR_LINES_SHOWN)

    def wait_until_ready(self) -> Self:
        """Return once it says so. Raises ShowdownError where it ends before, or time runs out."""
        end = time.monotonic() + READY_SECONDS
        while not _ends_with_a_line(self._answers):
            if not self.running:
                raise ShowdownError(self.how_it_ended(" at start"))
            if time.monotonic() > end:
                raise ShowdownError(f"{self.name} is not ready after {READY_SECONDS:.0f} s.\n{self.log_tail()}")
            time.sleep(POLL_SECONDS)
        return self

    def tell(self, what: Any) -> None:
        """Send it another line of JSON."""
        self._send(json.dumps(what) + "\n")

    def let_go(self) -> None:
        """Tell it that it is not wanted any more; it goes on to its end."""
        if self._popen.stdin and not self._popen.stdin.closed:
            with suppress(BrokenPipeError):
                self._popen.stdin.close()

    def answer(self) -> Any:
        """Its last answer, once it has ended. Raises ShowdownError where it does not end, or has none."""
        try:
            self._popen.wait(FINISH_SECONDS)
        except subprocess.TimeoutExpired:
            raise ShowdownError(f"{self.name} does not end.\n{self.log_tail()}") from None
        if self.exit_code != 0:
            raise ShowdownError(self.how_it_ended())
        return last_answer(read_bounded(self._answers, MOST_ANSWER_BYTES).decode(errors="replace"), self.name)

    def stop(self) -> None:
        """Let go of it, and of the connection too where that does not help."""
        self.let_go()
        try:
            self._popen.wait(FINISH_SECONDS)
        except subprocess.TimeoutExpired:
            self._popen.send_signal(signal.SIGKILL)
            self._popen.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _send(self, text: str) -> None:
        assert self._popen.stdin is not None  # noqa: S101 - it is a pipe
        # One that has ended already tells why by its exit code and its log.
        with suppress(BrokenPipeError):
            self._popen.stdin.write(text)
            self._popen.stdin.flush()
