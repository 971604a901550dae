"""Each host is reached by one SSH connection, over which its tasks are started, watched and ended."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Event

import psutil
import pytest
from showdown.stacks import machine
from showdown.stacks.cloud import ssh
from showdown.stacks.cloud.outputs import CloudHost
from showdown.stacks.cloud.ssh import RemoteHost, Ssh, Task, last_answer, on_all
from showdown_contract.errors import ShowdownError
from showdown_stack.ports import LOOPBACK

NewHost = Callable[..., RemoteHost]
StandIn = Callable[[str, str], None]
Eventually = Callable[[Callable[[], object]], None]
# An agent that works until its stdin is closed, and answers with its request.
DILIGENT = 'read -r asked; echo \'"ready"\'; cat; echo "$asked"'
# An ssh that is refused a number of times, says why, and then makes its connection's socket.
CLIENT = """
echo again >> {folder}/attempts
if [ $(wc -l < {folder}/attempts) -gt {refusals} ]; then exec {python} -c '{listen}' {folder}/service1; fi
echo '{reason}' >&2
exit 255
"""
LISTEN = "import socket, sys, time; socket.socket(socket.AF_UNIX).bind(sys.argv[1]); time.sleep(600)"


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
    diligent.let_go()
    assert diligent.answer() == {"url": "http://här", "commands": [1, None]}
    assert (diligent.running, diligent.exit_code) == (False, 0)


def test_one_that_ends_by_itself_has_answered_too(task: Callable[[str], Task], eventually: Eventually) -> None:
    quick = task("""echo '"ready"'; echo '{"requests": 5}'""")
    eventually(lambda: not quick.running)
    assert quick.wait_until_ready().answer() == {"requests": 5}


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
        task("cat >/dev/null").wait_until_ready()


def test_half_a_line_is_not_ready(task: Callable[[str], Task], eventually: Eventually) -> None:
    hesitant = task("printf '\"rea'")
    eventually(lambda: not hesitant.running)
    with pytest.raises(ShowdownError, match=r"^task-0 ended at start \(exit code 0\)"):
        hesitant.wait_until_ready()


def test_one_that_fails_in_the_end_has_no_answer(task: Callable[[str], Task]) -> None:
    failing = task(f"{DILIGENT}; echo the service ended >&2; exit 1").wait_until_ready()
    failing.let_go()
    with pytest.raises(ShowdownError, match=r"(?s)^task-0 ended \(exit code 1\)\..*  the service ended$"):
        failing.answer()


def test_one_that_ends_well_and_says_nothing_has_no_answer(task: Callable[[str], Task]) -> None:
    with pytest.raises(ShowdownError, match=r"^task-0 gave no answer: ''$"):
        task("exit 0").answer()


def test_one_that_is_not_let_go_of_goes_on(task: Callable[[str], Task], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "FINISH_SECONDS", 0.1)
    held = task(DILIGENT).wait_until_ready()
    with pytest.raises(ShowdownError, match=r"^task-0 does not end\."):
        held.answer()
    assert held.running


def test_one_that_is_killed_has_no_answer(task: Callable[[str], Task], eventually: Eventually) -> None:
    killed = task("kill -9 $$")
    eventually(lambda: not killed.running)
    assert killed.how_it_ended(" in mid-run").startswith("task-0 ended in mid-run (exit code -9).\n")
    with pytest.raises(ShowdownError, match=r"^task-0 ended \(exit code -9\)"):
        killed.answer()


def test_one_that_hangs_is_ended(task: Callable[[str], Task], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "FINISH_SECONDS", 0.1)
    hanging = task("""echo '"ready"'; exec sleep 600""").wait_until_ready()
    hanging.let_go()
    with pytest.raises(ShowdownError, match=r"^task-0 does not end\."):
        hanging.answer()
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
    with pytest.raises(ShowdownError, match=r"^service1: there is no command 'fly': there are .*describe,"):
        host("service1").ask("fly")


def test_an_agent_that_says_nothing_is_told_by_its_exit_code(host: NewHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "AGENT", "exit 7; ")
    with pytest.raises(ShowdownError, match=r"^service1: describe ended with code 7$"):
        host("service1").ask("describe")


def test_an_agent_that_says_something_else_has_no_answer(host: NewHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "AGENT", "echo welcome #")
    with pytest.raises(ShowdownError) as raised:
        host("service1").ask("describe")
    assert str(raised.value) == r"describe on service1 gave no answer: 'welcome\n'"


@pytest.mark.parametrize("text", ["5\n{", "", "\n", "no"])
def test_an_answer_is_the_last_line_and_whole(text: str) -> None:
    assert last_answer(f"{text}\n5\n", "describe") == 5
    with pytest.raises(ShowdownError) as raised:
        last_answer(text, "describe")
    assert str(raised.value) == f"describe gave no answer: {text!r}"


def test_only_the_end_of_what_is_no_answer_is_shown() -> None:
    with pytest.raises(ShowdownError) as raised:
        last_answer("noise " * 1_000 + "the end", "describe")
    assert str(raised.value).endswith(" noise the end'")
    assert len(str(raised.value)) < 300


def test_a_command_that_hangs_is_not_waited_for_without_end(host: NewHost) -> None:
    with pytest.raises(ShowdownError) as raised:
        host("service1").run("exec sleep 600", seconds=0.1)
    assert str(raised.value) == "service1: exec sleep 600 is not done after 0 s"


def test_work_on_a_host_is_named_after_both(host: NewHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "AGENT", "echo")
    with host("service1").start("starlette", tmp_path / "served", "serve") as begun:
        assert begun.name == "starlette on service1"
    assert (tmp_path / "served.jsonl").read_text() == "serve\n"


def test_the_words_of_a_connection(about: Callable[[str], CloudHost], tmp_path: Path) -> None:
    words = Ssh(tmp_path, tmp_path / "known_hosts").command(about("service1"), "-N")
    assert words[0] == "ssh"
    assert words[-3:] == ["-N", "--", LOOPBACK]
    # The user's settings for other hosts do not apply.
    assert words[words.index("-F") + 1] == "none"
    # ssh must not prompt, and must refuse a host whose key has changed.
    assert {"-oBatchMode=yes", "-oStrictHostKeyChecking=accept-new"} <= set(words)
    assert not [word for word in words if word.startswith("-oIdentit")]


@pytest.fixture
def understood(about: Callable[[str], CloudHost]) -> Callable[..., list[str]]:
    """The settings that ssh reads from a connection's arguments."""

    def ask(connection: Ssh, host: CloudHost | None = None) -> list[str]:
        command = connection.command(host or about("service1"), "-G")
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        return result.stdout.splitlines()

    return ask


def test_another_user_and_port_are_told(
    understood: Callable[..., list[str]], about: Callable[[str], CloudHost], tmp_path: Path
) -> None:
    own = about("service1").model_copy(update={"ssh_user": "ada", "ssh_port": 2222})
    settings = understood(Ssh(tmp_path, tmp_path / "known_hosts"), own)
    assert {f"hostname {LOOPBACK}", "user ada", "port 2222"} <= set(settings)


def as_ada(host: RemoteHost) -> RemoteHost:
    return replace(host, about=host.about.model_copy(update={"ssh_user": "ada"}))


def test_another_user_than_root_becomes_root_with_sudo(host: NewHost, tmp_path: Path) -> None:
    ada = as_ada(host("service1", sudo=f'echo "$1 $2" >> {tmp_path}/asked; shift 2; exec "$@"'))
    ada.require_root()
    assert ada.run('cat; echo "it\'s $((1 + 1))"', "said, ").stdout == "said, it's 2\n"
    assert ada.ask("describe")["commit"] == machine.commit()
    assert (tmp_path / "asked").read_text() == "-n --\n" * 3


def test_all_hosts_are_asked_at_once_and_answer_in_their_order(host: NewHost) -> None:
    together = Barrier(3, timeout=30)

    def ask(one: RemoteHost) -> str:
        together.wait()
        return one.name

    assert on_all([host(name) for name in ("haproxy", "service1", "service2")], ask) == [
        "haproxy",
        "service1",
        "service2",
    ]


def test_a_failure_on_one_host_does_not_wait_for_the_others(host: NewHost) -> None:
    told = Event()

    def work(one: RemoteHost) -> None:
        if one.name == "haproxy":
            raise ShowdownError("no room")
        told.wait(60)

    with pytest.raises(ShowdownError, match=r"^no room$"):
        on_all([host("haproxy"), host("service1")], work)
    # Nobody has told it yet: it was not waited for.
    assert not told.is_set()
    told.set()


def test_a_user_who_needs_a_password_for_sudo_is_told_of(host: NewHost) -> None:
    ada = as_ada(host("service1", sudo="echo 'sudo: a password is required' >&2; exit 1"))
    with pytest.raises(
        ShowdownError, match=r"(?s)^service1: ada may not become root with sudo .*a password is required$"
    ):
        ada.require_root()


def test_ssh_understands_them(understood: Callable[..., list[str]], tmp_path: Path) -> None:
    settings = understood(Ssh(tmp_path, tmp_path / "known_hosts"))
    assert {f"hostname {LOOPBACK}", "user root", "batchmode yes", "identitiesonly no"} <= set(settings)


def test_a_key_that_is_chosen_is_the_only_one(understood: Callable[..., list[str]], tmp_path: Path) -> None:
    settings = understood(Ssh(tmp_path, tmp_path / "known_hosts", tmp_path / "key"))
    assert [line for line in settings if line.startswith("identit") and "agent" not in line] == [
        "identitiesonly yes",
        f"identityfile {tmp_path}/key",
    ]


def test_paths_with_spaces_are_one_path_each(understood: Callable[..., list[str]], tmp_path: Path) -> None:
    home = tmp_path / "Ada Lovelace"
    settings = understood(Ssh(home / "so ck", home / "known hosts", home / "my key"))
    # test_ssh_server.py tests the file of known hosts, which ssh may read as a list.
    assert {f"controlpath {home}/so ck/service1", f"identityfile {home}/my key"} <= set(settings)


@pytest.fixture
def distant(
    about: Callable[[str], CloudHost], stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[int, str], RemoteHost]]:
    """Makes a host that lets us in after a number of refusals, each for this reason."""
    monkeypatch.setattr(ssh, "RETRY_SECONDS", 0.0)
    with tempfile.TemporaryDirectory(prefix="ssh-") as name:
        folder = Path(name)

        def make(refusals: int, reason: str) -> RemoteHost:
            script = CLIENT.format(
                folder=folder, refusals=refusals, reason=reason, python=sys.executable, listen=LISTEN
            )
            stand_in("ssh", script)
            return RemoteHost(about("service1"), Ssh(folder, folder / "known_hosts"))

        yield make


def attempts(host: RemoteHost) -> int:
    return len((host.ssh.folder / "attempts").read_text().splitlines())


def test_a_host_that_does_not_listen_yet_is_tried_again(
    distant: Callable[[int, str], RemoteHost], tmp_path: Path
) -> None:
    late = distant(2, "ssh: connect to host 192.0.2.1 port 22: Connection refused")
    with late.connect(tmp_path / "ssh.log") as connection:
        assert connection.running
    assert attempts(late) == 3
    # An earlier refusal is not the reason for a connection's later end.
    assert "refused" not in (tmp_path / "ssh.log").read_text()


@pytest.mark.parametrize(
    "reason",
    [
        "root@192.0.2.1: Permission denied (publickey).",
        "Host key verification failed.",
        "no such identity: /home/ada/.ssh/none: No such file or directory",
        "Received disconnect from 192.0.2.1 port 22:2: Too many authentication failures",
        "Could not request local forwarding.",
    ],
)
def test_what_asking_again_does_not_change_is_not_asked_again(
    distant: Callable[[int, str], RemoteHost], tmp_path: Path, reason: str
) -> None:
    closed = distant(1, reason)
    with pytest.raises(ShowdownError) as raised:
        closed.connect(tmp_path / "ssh.log")
    assert str(raised.value).startswith("SSH to service1 exited with code 255 at start.\n")
    assert reason in str(raised.value)
    assert attempts(closed) == 1


def test_a_host_that_never_listens_is_not_tried_without_end(
    distant: Callable[[int, str], RemoteHost], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "CONNECT_SECONDS", 0.0)
    with pytest.raises(ShowdownError, match=r"(?s)^SSH to service1 exited with code 255.*Connection refused$"):
        distant(1_000, "Connection refused").connect(tmp_path / "ssh.log")


def test_one_that_says_nothing_is_let_go_of(
    distant: Callable[[int, str], RemoteHost], stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "CONNECT_SECONDS", 0.0)
    monkeypatch.setattr(ssh, "ATTEMPT_SECONDS", 0.0)
    silent = distant(0, "")
    stand_in("ssh", f"exec sleep 600 # {tmp_path}")
    with pytest.raises(ShowdownError, match=r"^SSH to service1 is not ready after 0 s\."):
        silent.connect(tmp_path / "ssh.log")
    assert [child for child in psutil.Process().children() if child.name() in {"ssh", "sleep"}] == []


def test_without_an_ssh_nothing_is_tried_again(
    distant: Callable[[int, str], RemoteHost], stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = distant(0, "")
    setpriv = shutil.which("setpriv")
    (tmp_path / "stand-ins" / "ssh").unlink()
    if setpriv:
        stand_in("setpriv", f'exec {setpriv} "$@"')
    monkeypatch.setenv("PATH", str(tmp_path / "stand-ins"))
    with pytest.raises(ShowdownError, match=r"ssh: No such file or directory"):
        nowhere.connect(tmp_path / "ssh.log")
