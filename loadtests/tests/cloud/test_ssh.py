"""Hosts are reached by one SSH connection each, and what they do is begun, watched and ended over it."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest
from local_stack.errors import StackError
from local_stack.ports import LOOPBACK, accepts, free_port
from local_stack.process import Process
from showdown.cloud import ssh
from showdown.cloud.outputs import CloudHost
from showdown.cloud.ssh import Host, Ssh, Task
from showdown.errors import ShowdownError
from showdown.run import machine

NewHost = Callable[..., Host]
Eventually = Callable[[Callable[[], object]], None]
# An agent that works until it is let go of, and answers with what it was asked.
DILIGENT = 'read -r asked; echo \'"ready"\'; cat; echo "$asked"'
# The administration's programs may not be on our path.
SSHD = shutil.which("sshd", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin"]))


@pytest.fixture
def task(tmp_path: Path) -> Iterator[Callable[[str], Task]]:
    """Starts a shell script as an agent."""
    started: list[Task] = []

    def start(script: str) -> Task:
        name = f"task-{len(started)}"
        started.append(Task(name, ["sh", "-c", script], {"url": "http://här", "commands": [1, None]}, tmp_path / name))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def test_a_task_is_told_its_arguments_and_answers_when_it_is_let_go_of(task: Callable[[str], Task]) -> None:
    diligent = task(DILIGENT).wait_until_ready()
    assert (diligent.running, diligent.exit_code) == (True, None)
    assert diligent.finish() == {"url": "http://här", "commands": [1, None]}
    assert (diligent.running, diligent.exit_code) == (False, 0)


def test_one_that_ends_by_itself_has_answered_too(task: Callable[[str], Task], eventually: Eventually) -> None:
    quick = task("""echo '"ready"'; echo '{"requests": 5}'""")
    eventually(lambda: not quick.running)
    assert quick.wait_until_ready().finish() == {"requests": 5}


def test_one_that_fails_at_start_is_shown_with_what_it_said(task: Callable[[str], Task], tmp_path: Path) -> None:
    with pytest.raises(ShowdownError) as raised:
        task("echo no such variant >&2; exit 1").wait_until_ready()
    log = tmp_path / "task-0.log"
    assert str(raised.value) == f"task-0 ended at start (exit code 1).\nThe end of {log}:\n  no such variant"


def test_one_that_is_never_ready_is_not_waited_for_without_end(
    task: Callable[[str], Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "READY_SECONDS", 0.0)
    with pytest.raises(ShowdownError, match=r"^task-0 is not ready after 0 s\.\nThe end of "):
        task("cat").wait_until_ready()


def test_half_a_line_is_not_ready(task: Callable[[str], Task], eventually: Eventually) -> None:
    hesitant = task("printf '\"rea'")
    eventually(lambda: not hesitant.running)
    with pytest.raises(ShowdownError, match=r"^task-0 ended at start \(exit code 0\)"):
        hesitant.wait_until_ready()


def test_one_that_fails_in_the_end_has_no_answer(task: Callable[[str], Task]) -> None:
    failing = task(f"{DILIGENT}; echo the service ended >&2; exit 1").wait_until_ready()
    with pytest.raises(ShowdownError, match=r"(?s)^task-0 ended \(exit code 1\)\..*  the service ended$"):
        failing.finish()


def test_one_that_is_killed_has_no_answer(task: Callable[[str], Task], eventually: Eventually) -> None:
    killed = task("kill -9 $$")
    eventually(lambda: not killed.running)
    assert killed.how_it_ended(" in mid-run").startswith("task-0 ended in mid-run (exit code -9).\n")
    with pytest.raises(ShowdownError, match=r"^task-0 ended \(exit code -9\)"):
        killed.finish()


def test_one_that_hangs_is_ended(task: Callable[[str], Task], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "FINISH_SECONDS", 0.1)
    hanging = task("""echo '"ready"'; exec sleep 600""").wait_until_ready()
    with pytest.raises(ShowdownError, match=r"^task-0 does not end\."):
        hanging.finish()
    assert hanging.running
    hanging.stop()
    assert hanging.exit_code == -9
    hanging.stop()


def test_leaving_its_context_ends_it(tmp_path: Path) -> None:
    with Task("task", ["sh", "-c", DILIGENT], {}, tmp_path / "task") as begun:
        assert begun.running
    assert begun.exit_code == 0


def test_only_the_end_of_what_it_said_is_shown(task: Callable[[str], Task], eventually: Eventually) -> None:
    loud = task("seq 1000 >&2")
    eventually(lambda: not loud.running)
    _, *lines = loud.log_tail().splitlines()
    assert lines == [f"  {number}" for number in range(981, 1001)]


def test_what_is_asked_is_answered(host: NewHost) -> None:
    assert host("service1").ask("describe")["commit"] == machine.commit()


def test_an_agents_error_is_its_hosts(host: NewHost) -> None:
    with pytest.raises(ShowdownError, match=r"^service1: there is no command 'fly': there are describe,"):
        host("service1").ask("fly")


def test_an_agent_that_says_nothing_is_told_by_its_exit_code(host: NewHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "AGENT", "exit 7; ")
    with pytest.raises(ShowdownError, match=r"^service1: describe ended with code 7$"):
        host("service1").ask("describe")


def test_work_on_a_host_is_named_after_both(host: NewHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "AGENT", "echo")
    with host("service1").start("starlette", tmp_path / "served", "serve") as begun:
        assert begun.name == "starlette on service1"
    assert (tmp_path / "served.jsonl").read_text() == "serve\n"


def test_the_words_of_a_connection(about: Callable[[str], CloudHost], tmp_path: Path) -> None:
    words = Ssh(tmp_path, tmp_path / "known_hosts").command(about("service1"), "-N")
    assert words[0] == "ssh"
    assert words[-2:] == ["-N", f"root@{LOOPBACK}"]
    # Nobody is there to be asked, and a host that shows another key than before is none of ours.
    assert {"-oBatchMode=yes", "-oStrictHostKeyChecking=accept-new"} <= set(words)
    assert {f"-oUserKnownHostsFile={tmp_path}/known_hosts", f"-oControlPath={tmp_path}/service1"} <= set(words)
    assert "-i" not in words


def test_a_key_is_named_where_one_is_chosen(about: Callable[[str], CloudHost], tmp_path: Path) -> None:
    words = Ssh(tmp_path, tmp_path / "known_hosts", tmp_path / "key").command(about("service1"))
    assert words[words.index("-i") + 1] == str(tmp_path / "key")


def test_ssh_understands_them(about: Callable[[str], CloudHost], tmp_path: Path) -> None:
    (tmp_path / "key").touch()
    connection = Ssh(tmp_path, tmp_path / "known_hosts", tmp_path / "key").command(about("service1"), "-G")
    result = subprocess.run(connection, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert {f"hostname {LOOPBACK}", "user root", "batchmode yes"} <= set(result.stdout.splitlines())


# From here on with a real server.


@dataclass(frozen=True)
class OwnPort(Ssh):
    """Reaches a server that listens where anybody may."""

    port: int = 0

    def command(self, host: CloudHost, *options: str) -> list[str]:
        # No configuration of whoever runs this test.
        return super().command(host, "-F", "none", f"-oPort={self.port}", *options)


@dataclass(frozen=True)
class Server:
    """An SSH server of our own."""

    folder: Path
    port: int

    @property
    def log(self) -> Path:
        return self.folder / "sshd.log"

    def new_host_key(self) -> None:
        (self.folder / "host").unlink(missing_ok=True)
        new_key(self.folder / "host")

    @contextmanager
    def running(self) -> Iterator[Process]:
        assert SSHD is not None
        command = [SSHD, "-D", "-e", "-f", str(self.folder / "sshd_config")]
        with Process("sshd", command, self.log, as_ourselves=True) as process:
            process.wait_until(lambda: accepts(self.port), 10)
            yield process


def new_key(path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Its folder is short of name, for there are sockets in it. Skips where there can be no such server."""
    if SSHD is None:
        pytest.skip("there is no sshd: hosts are not reached over SSH here (Debian: openssh-server)")
    if os.geteuid() != 0:
        pytest.skip("not root: nobody can log in as root here, as on the hosts")
    # Where sshd goes with what an unknown client says; its package's service makes it.
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    monkeypatch.setattr(ssh, "AGENT", f"{sys.executable} -m showdown.host")
    # Its keys would be tried, too.
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with tempfile.TemporaryDirectory(prefix="ssh-") as name:
        made = Server(Path(name), free_port())
        made.new_host_key()
        new_key(made.folder / "key")
        lines = [
            f"ListenAddress {LOOPBACK}",
            f"Port {made.port}",
            f"HostKey {made.folder}/host",
            f"AuthorizedKeysFile {made.folder}/key.pub",
            "PermitRootLogin prohibit-password",
            "PidFile none",
            # The folder is in one that all may write to.
            "StrictModes no",
        ]
        (made.folder / "sshd_config").write_text("\n".join(lines) + "\n")
        yield made


@pytest.fixture
def reached(server: Server, about: Callable[[str], CloudHost]) -> Host:
    """The server as a host, which nothing is connected to."""
    folder = server.folder
    return Host(about("service1"), OwnPort(folder, folder / "known_hosts", folder / "key", port=server.port))


def test_a_host_is_asked_over_its_connection(server: Server, reached: Host) -> None:
    with server.running(), reached.connect(server.folder / "ssh.log"):
        assert reached.run("cat; echo more >&2; exit 3", "said").stdout == "said"
        assert reached.ask("describe")["commit"] == machine.commit()
        with pytest.raises(ShowdownError, match=r"^service1: there is no command 'fly'"):
            reached.ask("fly")
    # All over one connection.
    assert server.log.read_text().count("Accepted publickey for root") == 1


def test_a_task_ends_with_its_connection(
    server: Server, reached: Host, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Says at once what it was asked, and goes on.
    monkeypatch.setattr(ssh, "AGENT", "exec cat #")
    with (
        server.running() as process,
        reached.connect(server.folder / "ssh.log") as connection,
        reached.start("starlette", server.folder / "served", "serve") as task,
    ):
        task.wait_until_ready()
        (agent,) = [child for child in psutil.Process(process.pid).children(recursive=True) if child.name() == "cat"]
        connection.stop()
        eventually(lambda: not task.running)
        assert task.exit_code == 255
        eventually(lambda: not agent.is_running())


def test_a_port_of_the_hosts_network_is_ours(server: Server, reached: Host) -> None:
    port = free_port()
    with socket.create_server((LOOPBACK, 0)) as inside:
        inside.settimeout(10)
        forward = f"{LOOPBACK}:{port}:{LOOPBACK}:{inside.getsockname()[1]}"
        with (
            server.running(),
            reached.connect(server.folder / "ssh.log", [forward]),
            socket.create_connection((LOOPBACK, port)) as outside,
        ):
            connection, _ = inside.accept()
            with connection:
                outside.sendall(b"through")
                assert connection.recv(7) == b"through"


def test_a_port_that_cannot_be_forwarded_is_an_error(server: Server, reached: Host) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken, server.running():
        port = taken.getsockname()[1]
        with pytest.raises(StackError, match=r"(?s)^SSH to service1 exited with code 255.*Address already in use"):
            reached.connect(server.folder / "ssh.log", [f"{LOOPBACK}:{port}:{LOOPBACK}:{port}"])


def test_a_key_that_is_not_the_hosts_first_is_refused(server: Server, reached: Host) -> None:
    with server.running(), reached.connect(server.folder / "ssh.log"):
        assert reached.run("true").returncode == 0
    server.new_host_key()
    with server.running(), pytest.raises(StackError, match=r"(?s)exited with code 255.*Host key verification failed"):
        reached.connect(server.folder / "ssh.log")


def test_another_host_at_the_same_address_has_a_key_of_its_own(server: Server, reached: Host) -> None:
    with server.running(), reached.connect(server.folder / "ssh.log"):
        pass
    server.new_host_key()
    other = Host(reached.about.model_copy(update={"id": "4712", "name": "service2"}), reached.ssh)
    with server.running(), other.connect(server.folder / "ssh.log"):
        assert other.run("true").returncode == 0


def test_without_the_right_key_nobody_comes_in(server: Server, reached: Host) -> None:
    new_key(server.folder / "other")
    stranger = Host(reached.about, replace(reached.ssh, identity=server.folder / "other"))
    with server.running(), pytest.raises(StackError, match=r"(?s)exited with code 255.*Permission denied \(publickey"):
        stranger.connect(server.folder / "ssh.log")


def test_a_host_that_is_not_there_is_named(server: Server, reached: Host) -> None:
    with pytest.raises(StackError, match=r"(?s)^SSH to service1 exited with code 255.*Connection refused"):
        reached.connect(server.folder / "ssh.log")


def test_a_server_that_dies_is_noticed(server: Server, reached: Host, eventually: Eventually) -> None:
    with server.running() as process, reached.connect(server.folder / "ssh.log") as connection:
        assert connection.running
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        eventually(lambda: not connection.running)
        assert connection.exit_code == 255
    with pytest.raises(ShowdownError, match=r"^service1: .*Connection refused"):
        reached.ask("describe")
