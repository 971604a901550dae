"""Hosts are reached over real SSH, with a server on this machine."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest
from showdown.stacks import machine
from showdown.stacks.cloud import ssh
from showdown.stacks.cloud.outputs import CloudHost
from showdown.stacks.cloud.ssh import RemoteHost, Ssh
from showdown_contract.errors import ShowdownError
from showdown_stack.ports import LOOPBACK, accepts, free_port
from showdown_stack.process import Process

Eventually = Callable[[Callable[[], object]], None]
# The folders of administration programs may not be on PATH.
SSHD = shutil.which("sshd", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin"]))


@dataclass(frozen=True)
class Server:
    """An SSH server on this machine."""

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
    """A server whose folder has a short name, because it holds sockets. Skips if no server can run here."""
    if SSHD is None:
        pytest.skip("there is no sshd: hosts are not reached over SSH here (Debian: openssh-server)")
    if os.geteuid() != 0:
        pytest.skip("not root: nobody can log in as root here, as on the hosts")
    # sshd's privilege separation directory, which its package's service makes.
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    monkeypatch.setattr(ssh, "AGENT", f"{sys.executable} -m showdown.stacks.agent")
    # Otherwise ssh would also try the agent's keys.
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
            # The folder is in a world-writable one.
            "StrictModes no",
        ]
        (made.folder / "sshd_config").write_text("\n".join(lines) + "\n")
        yield made


@pytest.fixture
def reached(server: Server, about: Callable[[str], CloudHost]) -> RemoteHost:
    """The server as a host, not connected yet."""
    folder = server.folder
    described = about("service1").model_copy(update={"ssh_port": server.port})
    return RemoteHost(described, Ssh(folder, folder / "known_hosts", folder / "key"))


def test_a_host_is_asked_over_its_connection(server: Server, reached: RemoteHost) -> None:
    with server.running(), reached.connect(server.folder / "ssh.log"):
        assert reached.run("cat; echo more >&2; exit 3", "said").stdout == "said"
        assert reached.ask("describe")["commit"] == machine.commit()
        with pytest.raises(ShowdownError, match=r"^service1: there is no command 'fly'"):
            reached.ask("fly")
    # All of this goes over one connection.
    assert server.log.read_text().count("Accepted publickey for root") == 1


def test_a_host_is_connected_to_as_soon_as_it_listens(
    server: Server, reached: RemoteHost, eventually: Eventually
) -> None:
    log = server.folder / "ssh.log"
    with ThreadPoolExecutor() as pool:
        connecting = pool.submit(reached.connect, log)
        eventually(lambda: log.exists() and "Connection refused" in log.read_text())
        with server.running(), connecting.result():
            assert reached.run("true").returncode == 0


def test_a_command_that_hangs_leaves_the_connection(server: Server, reached: RemoteHost) -> None:
    with server.running(), reached.connect(server.folder / "ssh.log"):
        # The command goes on on the host until it ends by itself: only its answer is given up.
        with pytest.raises(ShowdownError, match=r"^service1: sleep 5 is not done after 1 s$"):
            reached.run("sleep 5", seconds=1)
        assert reached.run("echo here").stdout == "here\n"


def test_a_task_ends_with_its_connection(
    server: Server, reached: RemoteHost, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Echoes its request at once, and goes on.
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


def test_a_port_of_the_hosts_network_is_ours(server: Server, reached: RemoteHost) -> None:
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


def test_a_port_that_cannot_be_forwarded_is_an_error(server: Server, reached: RemoteHost) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken, server.running():
        port = taken.getsockname()[1]
        with pytest.raises(ShowdownError, match=r"(?s)^SSH to service1 exited with code 255.*Address already in use"):
            reached.connect(server.folder / "ssh.log", [f"{LOOPBACK}:{port}:{LOOPBACK}:{port}"])


def test_a_key_that_is_not_the_hosts_first_is_refused(server: Server, reached: RemoteHost) -> None:
    with server.running(), reached.connect(server.folder / "ssh.log"):
        assert reached.run("true").returncode == 0
    server.new_host_key()
    with (
        server.running(),
        pytest.raises(ShowdownError, match=r"(?s)exited with code 255.*Host key verification failed"),
    ):
        reached.connect(server.folder / "ssh.log")


def test_another_host_at_the_same_address_has_a_key_of_its_own(server: Server, reached: RemoteHost) -> None:
    with server.running(), reached.connect(server.folder / "ssh.log"):
        pass
    server.new_host_key()
    other = RemoteHost(reached.about.model_copy(update={"id": "4712", "name": "service2"}), reached.ssh)
    with server.running(), other.connect(server.folder / "ssh.log"):
        assert other.run("true").returncode == 0


def test_paths_may_have_spaces(server: Server, reached: RemoteHost) -> None:
    folder = server.folder / "a b"
    folder.mkdir()
    new_key(folder / "my key")
    (server.folder / "key.pub").write_bytes((folder / "my key.pub").read_bytes())
    connection = replace(reached.ssh, folder=folder, known_hosts=folder / "known hosts", identity=folder / "my key")
    spaced = RemoteHost(reached.about, connection)
    with server.running(), spaced.connect(server.folder / "ssh.log"):
        assert spaced.run("echo here").stdout == "here\n"
    assert (folder / "known hosts").read_text().startswith("showdown-id-of-service1 ")


def test_without_the_right_key_nobody_comes_in(server: Server, reached: RemoteHost) -> None:
    new_key(server.folder / "other")
    stranger = RemoteHost(reached.about, replace(reached.ssh, identity=server.folder / "other"))
    with (
        server.running(),
        pytest.raises(ShowdownError, match=r"(?s)exited with code 255.*Permission denied \(publickey"),
    ):
        stranger.connect(server.folder / "ssh.log")


def test_a_host_that_is_not_there_is_named(
    server: Server, reached: RemoteHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "CONNECT_SECONDS", 0.0)
    with pytest.raises(ShowdownError, match=r"(?s)^SSH to service1 exited with code 255.*Connection refused"):
        reached.connect(server.folder / "ssh.log")


def test_a_server_that_dies_is_noticed(server: Server, reached: RemoteHost, eventually: Eventually) -> None:
    with server.running() as process, reached.connect(server.folder / "ssh.log") as connection:
        assert connection.running
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        eventually(lambda: not connection.running)
        assert connection.exit_code == 255
    with pytest.raises(ShowdownError, match=r"^service1: .*Connection refused"):
        reached.ask("describe")
