"""A process runs unprivileged and writes to a log; it is always ended, with everything that it has started."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from showdown_contract.errors import ShowdownError
from showdown_stack import process
from showdown_stack.privilege import HAPROXY, PGBOUNCER, SERVICE, UPSTREAM, User
from showdown_stack.process import Process

Eventually = Callable[[Callable[[], object]], None]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "server.log"


def shell(script: str, log: Path, stop_signal: signal.Signals = signal.SIGTERM) -> Process:
    return Process("server", ["sh", "-c", script], log, stop_signal=stop_signal)


def said(log: Path, text: str) -> Callable[[], bool]:
    return lambda: text in log.read_text()


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_what_it_says_goes_to_the_log(log: Path, eventually: Eventually) -> None:
    with shell("echo out; echo err >&2", log) as server:
        eventually(lambda: not server.running)
    assert log.read_text() == "out\nerr\n"
    assert server.exit_code == 0


def test_a_log_is_appended_to(log: Path, eventually: Eventually) -> None:
    for _ in range(2):
        with shell("echo started", log) as server:
            eventually(lambda: not server.running)
    assert log.read_text() == "started\n" * 2


def test_it_has_the_environment_and_the_folder_that_it_is_given(log: Path, eventually: Eventually) -> None:
    script = 'echo "$GREETING from $(pwd), home is ${HOME-unknown}"'
    environment = {"GREETING": "hello", "PATH": os.defpath}
    with Process("server", ["sh", "-c", script], log, environment=environment, folder=Path("/usr")) as server:
        eventually(lambda: not server.running)
    assert log.read_text() == "hello from /usr, home is unknown\n"


def test_it_is_ready_when_it_says_so(log: Path) -> None:
    with shell("echo ready; sleep 600", log) as server:
        server.wait_until(said(log, "ready"), 60)
        assert server.running
        assert server.exit_code is None
    assert not server.running


def test_one_that_exits_at_start_is_shown_with_the_end_of_its_log(log: Path) -> None:
    script = "seq 100; echo 'no such setting' >&2; exit 3"
    with shell(script, log) as server, pytest.raises(ShowdownError) as raised:
        server.wait_until(lambda: False, 60)
    lines = str(raised.value).splitlines()
    assert lines[0] == "server exited with code 3 at start."
    assert lines[1] == f"The end of {log}:"
    assert lines[2:] == [*(f"  {number}" for number in range(90, 101)), "  no such setting"]


def test_one_that_is_never_ready_is_given_up(log: Path) -> None:
    with shell("sleep 600", log) as server, pytest.raises(ShowdownError, match="server is not ready after 0 s"):
        server.wait_until(lambda: False, 0)
    assert gone(server.pid)


def test_what_was_asked_last_is_told_of_one_that_is_never_ready(log: Path) -> None:
    reason = r"^server is not ready after 0 s\.\nGET /health: status 503\nThe end of "
    with shell("sleep 600", log) as server, pytest.raises(ShowdownError, match=reason):
        server.wait_until(lambda: False, 0, "GET /health: status 503")


def test_a_program_that_is_not_there_is_named(log: Path) -> None:
    with (
        pytest.raises(ShowdownError, match="/no/such/program"),
        Process("server", ["/no/such/program"], log) as server,
    ):
        server.wait_until(lambda: False, 60)


@pytest.mark.parametrize("stop_signal", [signal.SIGTERM, signal.SIGINT])
def test_it_is_asked_to_end_by_the_signal_that_it_understands(log: Path, stop_signal: signal.Signals) -> None:
    name = stop_signal.name.removeprefix("SIG")
    with shell(
        f"trap 'echo asked; exit 7' {name}; echo ready; while :; do sleep 0.05; done", log, stop_signal
    ) as server:
        server.wait_until(said(log, "ready"), 60)
    assert log.read_text() == "ready\nasked\n"
    assert server.exit_code == 7


def test_one_that_does_not_listen_is_killed(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "STOP_SECONDS", 0.1)
    with shell("trap '' TERM; echo ready; while :; do sleep 0.05; done", log) as server:
        server.wait_until(said(log, "ready"), 60)
    assert server.exit_code == -signal.SIGKILL


def test_what_it_started_ends_with_it(log: Path, eventually: Eventually) -> None:
    with shell("sleep 600 & echo $!; exec sleep 600", log) as server:
        server.wait_until(said(log, "\n"), 60)
        child = int(log.read_text())
        assert not gone(child)
    eventually(lambda: gone(child))


def test_what_it_left_behind_ends_too(log: Path, eventually: Eventually) -> None:
    with shell("sleep 600 & echo $!", log) as server:
        eventually(lambda: not server.running)
        child = int(log.read_text())
        assert not gone(child)
    eventually(lambda: gone(child))


def test_one_that_had_to_be_killed_is_named(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "STOP_SECONDS", 0.1)
    with shell("trap '' TERM; echo ready; while :; do :; done", log) as server:
        server.wait_until(said(log, "ready"), 60)
    with pytest.raises(
        ShowdownError, match=rf"server did not end when it was asked to: killed sh \(process {server.pid}\)"
    ):
        server.require_ended()


def test_one_that_ended_in_order_is_not(log: Path) -> None:
    with shell("sleep 600", log) as server:
        pass
    server.require_ended()


def test_a_link_in_place_of_a_log_is_not_followed(log: Path) -> None:
    target = log.with_name("target")
    target.touch()
    log.symlink_to(target)
    with pytest.raises(ShowdownError, match="server does not start"):
        shell("echo hello", log)
    assert target.read_text() == ""


def test_it_can_be_stopped_twice(log: Path) -> None:
    server = shell("sleep 600", log)
    server.stop()
    server.stop()
    assert not server.running


def test_an_error_of_ours_stops_it(log: Path) -> None:
    with pytest.raises(ZeroDivisionError), shell("sleep 600", log) as server:
        _ = 1 / 0
    assert gone(server.pid)


@pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("setpriv") is None, reason="needs Linux and setpriv: nothing else tells"
)
@pytest.mark.parametrize("as_ourselves", [False, True])
def test_it_ends_when_we_are_killed(log: Path, eventually: Eventually, as_ourselves: bool) -> None:
    parent = f"""
from pathlib import Path
from showdown_stack.process import Process
server = Process("server", ["sleep", "600"], Path({str(log)!r}), as_ourselves={as_ourselves})
print(server.pid, flush=True)
input()
"""
    with subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        server = int(holder.stdout.readline())
        # setpriv must have become the program, for before that the kernel does not know the signal.
        eventually(lambda: psutil.Process(server).name() == "sleep")
        holder.kill()
    eventually(lambda: gone(server))


@as_root
@pytest.mark.parametrize("user", [SERVICE, HAPROXY, PGBOUNCER, UPSTREAM])
def test_a_server_is_a_user_of_its_own(log: Path, eventually: Eventually, user: User) -> None:
    with Process("server", ["sh", "-c", "id -u; id -G"], log, user=user) as server:
        eventually(lambda: not server.running)
    assert log.read_text() == f"{user.uid}\n{user.gid}\n"


@as_root
def test_what_serves_nobody_keeps_our_user(log: Path, eventually: Eventually) -> None:
    with Process("tool", ["id", "-un"], log, as_ourselves=True) as tool:
        eventually(lambda: not tool.running)
    assert log.read_text() == "root\n"


def test_one_that_was_killed_is_started_again_with_the_same_words(log: Path, eventually: Eventually) -> None:
    with shell("echo started; sleep 600", log) as server:
        eventually(said(log, "started"))
        first = server.pid
        os.kill(first, signal.SIGKILL)
        eventually(lambda: not server.running)
        server.start_again()
        eventually(lambda: log.read_text() == "started\n" * 2)
        assert server.running
        assert server.pid != first
    assert not server.running


def test_what_is_left_of_the_first_ends_before_the_second_starts(log: Path, eventually: Eventually) -> None:
    with shell("sleep 600 & echo $!; wait", log) as server:
        eventually(lambda: log.read_text().count("\n") == 1)
        left = int(log.read_text())
        os.kill(server.pid, signal.SIGKILL)
        server.start_again()
        assert gone(left)
