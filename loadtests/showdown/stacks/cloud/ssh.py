"""Reaches hosts by the OpenSSH client. Everything that is asked of a host goes over one connection to it."""

import json
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from showdown_contract.errors import ShowdownError
from showdown_stack.ending import Ending
from showdown_stack.process import POLL_SECONDS, Process
from showdown_stack.text import tail

from showdown.files import read_bounded
from showdown.stacks.cloud.outputs import CloudHost

T = TypeVar("T")
AGENT = "/opt/showdown/.venv/bin/python -m showdown.stacks.agent"
# A host that has just been made does not listen at once.
CONNECT_SECONDS = 300.0
ATTEMPT_SECONDS = 30.0
RETRY_SECONDS = 2.0
# Errors that another attempt does not change.
FINAL = (
    "Permission denied",
    "Host key verification failed",
    "REMOTE HOST IDENTIFICATION HAS CHANGED",
    "no such identity",
    "Too many authentication failures",
    "Could not request local forwarding",
    # ssh is not installed: in our words, and in setpriv's.
    "does not start",
    "failed to execute",
)
ANSWER_SECONDS = 120.0
READY_SECONDS = 90.0
FINISH_SECONDS = 30.0
ERROR_LINES_SHOWN = 20
# An answer holds a tier's samples, one for each second, and the end of a service's log.
MOST_TASK_ANSWER_BYTES = 2**28


@dataclass(frozen=True)
class Ssh:
    """The settings with which hosts are reached."""

    folder: Path
    """For the connections' sockets. Its path must be short, for that of a socket has at most some 100 bytes."""
    known_hosts: Path
    """The file in which a host's first key is kept; another key is refused later."""
    identity: Path | None = None

    def command(self, host: CloudHost, *options: str) -> list[str]:
        """The command that connects to a host."""
        settings = {
            "BatchMode": "yes",
            "StrictHostKeyChecking": "accept-new",
            "UserKnownHostsFile": f'"{self.known_hosts}"',
            "User": host.ssh_user,
            "Port": str(host.ssh_port),
            # Its key is kept by its id, for its address may have been another host's yesterday.
            "HostKeyAlias": f"showdown-{host.id}",
            "ControlPath": f'"{self.folder / host.name}"',
            "ConnectTimeout": "10",
            # A connection without an answer for 15 s is closed.
            "ServerAliveInterval": "5",
            "ServerAliveCountMax": "3",
        }
        if self.identity:
            # The other keys of an SSH agent would use up the attempts that a host allows.
            settings |= {"IdentityFile": f'"{self.identity}"', "IdentitiesOnly": "yes"}
        # The user's own configuration is ignored: it may forward an agent, or send ssh to the background.
        return ["ssh", "-F", "none", *(f"-o{name}={value}" for name, value in settings.items()), *options,
                "--", host.public_address]  # fmt: skip


@dataclass(frozen=True)
class RemoteHost:
    """A host that we are connected to."""

    about: CloudHost
    ssh: Ssh

    @property
    def name(self) -> str:
        return self.about.name

    def connect(self, log: Path, forwards: Sequence[str] = ()) -> Process:
        """Open the connection, as soon as the host accepts it. `forwards`: as for ssh -L.

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

    def run(
        self, command: str, stdin: str | bytes = "", seconds: float = ANSWER_SECONDS
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in root's shell on the host. Raises ShowdownError if it takes longer than `seconds`."""
        sent = stdin.encode() if isinstance(stdin, str) else stdin
        try:
            result = subprocess.run(
                self._as_root(command), input=sent, capture_output=True, check=False, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            raise ShowdownError(f"{self.name}: {command} is not done after {seconds:.0f} s") from None
        said, errors = (stream.decode(errors="replace") for stream in (result.stdout, result.stderr))
        return subprocess.CompletedProcess(result.args, result.returncode, said, errors)

    def require_root(self) -> None:
        """Raise ShowdownError if we may not do there what a run needs."""
        if self.about.ssh_user != "root" and (result := self.run("true")).returncode != 0:
            raise ShowdownError(
                f"{self.name}: {self.about.ssh_user} may not become root with sudo without a password: allow "
                f"it, or name another ssh_user.\n{result.stderr.strip()}"
            )

    def ask(self, command: str, /, **arguments: Any) -> Any:
        """Ask the host's agent for an answer. Raises ShowdownError with the agent's message if it fails."""
        result = self.run(f"{AGENT} {command}", json.dumps(arguments) + "\n")
        if result.returncode != 0:
            errors = "\n".join(result.stderr.strip().splitlines()[-ERROR_LINES_SHOWN:])
            raise ShowdownError(f"{self.name}: {errors or f'{command} ended with code {result.returncode}'}")
        return last_answer(result.stdout, f"{command} on {self.name}")

    def start(self, name: str, files: Path, command: str, /, **arguments: Any) -> "Task":
        """Start work of the host's agent that goes on for a while."""
        return Task(f"{name} on {self.name}", self._as_root(f"{AGENT} {command}"), arguments, files)

    def _as_root(self, command: str) -> list[str]:
        """What runs a command in root's shell on the host."""
        if self.about.ssh_user != "root":
            command = f"sudo -n -- /bin/sh -c {shlex.quote(command)}"
        return [*self.ssh.command(self.about), command]

    def _connect_once(self, log: Path, forwards: Sequence[str]) -> Process:
        # Only this attempt's messages: they decide whether there is another attempt.
        log.unlink(missing_ok=True)
        options = ["-M", "-N", "-oExitOnForwardFailure=yes", *(f"-L{forward}" for forward in forwards)]
        process = Process(f"SSH to {self.name}", self.ssh.command(self.about, *options), log, as_ourselves=True)
        try:
            process.wait_until((self.ssh.folder / self.name).is_socket, ATTEMPT_SECONDS)
        except BaseException:
            process.stop()
            raise
        return process


def on_all(hosts: Sequence[RemoteHost], what: Callable[[RemoteHost], T]) -> list[T]:
    """Do something on all hosts at once, and return what it gave. Raises what it raises.

    What is still under way then is not waited for: it ends with its connection.
    """
    pool = ThreadPoolExecutor(len(hosts))
    try:
        return list(pool.map(what, hosts))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def last_answer(text: str, whose: str) -> Any:
    """The last line, parsed as JSON. Raises ShowdownError if it is not JSON."""
    try:
        return json.loads(text.splitlines()[-1])
    except (IndexError, ValueError):
        raise ShowdownError(f"{whose} gave no answer: {text[-200:]!r}") from None


def _ends_with_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
        return file.read(1) == b"\n"


class Task(Ending):
    """Work of an agent, which goes on while its stdin is open. Use as a context manager, or call stop()."""

    def __init__(self, name: str, command: Sequence[str], arguments: dict[str, Any], files: Path) -> None:
        """`files`: the path, without a suffix, of two files: its answers and its log."""
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
        """The agent's exit code, or 255 if the connection was lost; None while it runs."""
        return self._popen.poll()

    @property
    def result(self) -> str:
        return f"exit code {self.exit_code}"

    def log_tail(self) -> str:
        """The end of its log."""
        return tail(self._log, ERROR_LINES_SHOWN)

    def wait_until_ready(self) -> Self:
        """Return once it says that it is ready. Raises ShowdownError if it ends before that, or time runs out."""
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
        """Tell it that it is no longer wanted. It then comes to its end and answers."""
        if self._popen.stdin and not self._popen.stdin.closed:
            with suppress(BrokenPipeError):
                self._popen.stdin.close()

    def answer(self, seconds: float | None = None) -> Any:
        """Its last answer, once it has ended. Raises ShowdownError if it fails, or does not end in time."""
        try:
            self._popen.wait(FINISH_SECONDS if seconds is None else seconds)
        except subprocess.TimeoutExpired:
            raise ShowdownError(f"{self.name} does not end.\n{self.log_tail()}") from None
        if self.exit_code != 0:
            raise ShowdownError(self.how_it_ended())
        return last_answer(read_bounded(self._answers, MOST_TASK_ANSWER_BYTES).decode(errors="replace"), self.name)

    def stop(self) -> None:
        """Let go of it; if that does not end it, kill the ssh that it was started by."""
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
        # If it has ended already, its exit code and its log say why.
        with suppress(BrokenPipeError):
            self._popen.stdin.write(text)
            self._popen.stdin.flush()
