"""The agent does on a host what stdin asks for, or says in one line why it cannot."""

import json
import subprocess
import sys
from collections.abc import Callable
from csv import DictReader
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from showdown.contract.contract import load_contract
from showdown.stacks import machine
from showdown.stacks.cloud.ssh import Task
from showdown.stacks.pressure import Pressure
from showdown_contract.errors import ShowdownError
from showdown_contract.seed import undo_writes
from showdown_stack.haproxy import FORGET_MAXIMA, STATISTICS, Totals
from showdown_stack.ports import LOOPBACK, free_port
from showdown_stack.tiers import Tiers

Eventually = Callable[[Callable[[], object]], None]
# The socket is a constant of the hosts: the agent with another one.
WITH_SOCKET = "from showdown.stacks.agent import __main__ as agent, watch; watch.STATS_SOCKET = {}; agent.main()"


def agent(
    *words: str, program: tuple[str, ...] = ("-m", "showdown.stacks.agent"), line: str | None = None, **arguments: Any
) -> Any:
    """The agent's answer or error. `line`: its input in place of arguments."""
    result = subprocess.run(
        [sys.executable, *program, *words],
        input=json.dumps(arguments) + "\n" if line is None else line,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in result.stderr
    if result.returncode != 0:
        assert (result.returncode, result.stdout) == (1, "")
        return result.stderr
    return json.loads(result.stdout)


def haproxy(socket: Path, *commands: str) -> Any:
    return agent("haproxy", program=("-c", WITH_SOCKET.format(repr(str(socket)))), commands=commands)


@pytest.fixture
def stats_socket(stack: Tiers) -> Path:
    assert stack.haproxy is not None, "install haproxy"
    return stack.haproxy.stats_socket


def test_a_host_is_described() -> None:
    told = agent("describe")
    assert told.keys() == {"machine", "versions", "commit", "processors", "pressure"}
    assert told["machine"] == machine.describe().model_dump()
    # There is haproxy's version too, if it is installed.
    assert told["versions"].items() >= machine.versions().items()
    assert told["commit"] == machine.commit()
    assert told["processors"] >= 1


def test_a_variant_tells_the_versions_that_it_has_here() -> None:
    variants = {name: one.model_dump(mode="json") for name, one in load_contract().variants.variants.items()}
    told = agent("versions", variants=variants)
    assert told.keys() == variants.keys()
    assert told["starlette"]["asyncpg"] == version("asyncpg")


def test_a_build_goes_on_for_as_long_as_somebody_waits_for_it(tmp_path: Path, eventually: Eventually) -> None:
    shared = {"description": "", "command": ["x"], "workers": 1, "pool": 1}
    quick = shared | {"build": ["touch", str(tmp_path / "built")]}
    endless = shared | {"build": ["sh", "-c", f"touch {tmp_path}/begun; sleep 600"]}
    words = [sys.executable, "-m", "showdown.stacks.agent", "build"]
    with Task("the build", words, {"variants": {"quick": quick}}, tmp_path / "quick") as task:
        task.answer(60)
    assert (tmp_path / "built").exists()
    with Task("the build", words, {"variants": {"endless": endless}}, tmp_path / "endless") as task:
        eventually((tmp_path / "begun").exists)
        task.let_go()
        with pytest.raises(ShowdownError, match="the build of endless was stopped before its end"):
            task.answer(60)


def test_what_is_taken_from_a_host_is_counted_on() -> None:
    before, after = Pressure(**agent("pressure")), Pressure(**agent("pressure"))
    assert before.at < after.at
    if before.stolen and after.stolen:
        assert 0 <= before.stolen[0] <= after.stolen[0]
        assert before.stolen[1] < after.stolen[1]


def test_a_right_service_has_no_differences(starlette: Tiers) -> None:
    assert agent("verify", url=starlette.service_url) == []
    undo_writes(starlette.postgres.owner_dsn)


def test_a_service_that_is_not_there_differs_in_every_case() -> None:
    first, *others = agent("verify", url=f"http://{LOOPBACK}:{free_port()}")
    assert first.startswith("healthz\n  GET /healthz\n  no answer: ConnectionRefusedError")
    assert others


def test_haproxy_is_asked_one_command_after_the_other(stats_socket: Path) -> None:
    forgot, statistics = haproxy(stats_socket, FORGET_MAXIMA, STATISTICS)
    assert forgot.strip() == ""
    assert Totals.read(statistics, 1).most_queued == 0


def put(stats_socket: Path, state: str) -> tuple[str, str]:
    """What haproxy says when its server is put in a state, and which one it is in then."""
    said, statistics = haproxy(stats_socket, f"set server service-1/service1 state {state}", STATISTICS)
    row = next(
        row
        for row in DictReader(statistics.splitlines())
        if (row["# pxname"], row["svname"]) == ("service-1", "service1")
    )
    return said.strip(), row["status"]


def test_a_server_is_taken_out_and_put_back(stats_socket: Path) -> None:
    out, back = put(stats_socket, "maint"), put(stats_socket, "ready")
    assert out == ("", "MAINT")
    # haproxy does no health checks: the runner switches the servers.
    assert back == ("", "no check")


def test_a_server_that_haproxy_does_not_have_is_told_in_its_answer(stats_socket: Path) -> None:
    assert [answer.strip() for answer in haproxy(stats_socket, "set server service-1/service9 state maint")] == [
        "No such server."
    ]


def test_a_haproxy_that_does_not_answer_is_told_in_a_line(tmp_path: Path) -> None:
    message = haproxy(tmp_path / "none.sock", STATISTICS)
    assert message == "haproxy does not answer on its stats socket: [Errno 2] No such file or directory\n"


@pytest.mark.parametrize("words", [["fly"], [], ["describe", "twice"]])
def test_an_unknown_command_is_refused_with_those_that_there_are(words: list[str]) -> None:
    message = agent(*words)
    assert message.startswith(f"there is no command '{' '.join(words)}': ")
    assert "there are hold, describe, build, versions, pressure, verify, haproxy, postgres, watch-postgres, " in message
    assert message.count("\n") == 1


@pytest.mark.parametrize(
    ("command", "arguments", "reason"),
    [
        ("describe", {"url": "http://service1"}, "got an unexpected keyword argument 'url'"),
        ("verify", {}, "missing a required argument: 'url'"),
        ("haproxy", {"commands": [], "socket": "/run/sock"}, "got an unexpected keyword argument 'socket'"),
    ],
)
def test_arguments_that_it_does_not_know_are_told_in_a_line(
    command: str, arguments: dict[str, Any], reason: str
) -> None:
    assert agent(command, **arguments) == f"{reason}\n"


@pytest.mark.parametrize("line", ["", "\n", "url=http://service1\n"])
def test_what_is_no_request_is_told_in_a_line(line: str) -> None:
    assert agent("verify", line=line) == f"a request is a line of JSON, not {line.encode()!r}\n"


def test_a_request_without_names_is_told_in_a_line() -> None:
    message = agent("verify", line='["http://service1"]\n')
    assert "must be a mapping, not list" in message
    assert message.count("\n") == 1


def test_a_variant_whose_program_is_not_there_is_told_in_a_line() -> None:
    variant = {"description": "", "command": ["no-such-program"], "workers": 1, "pool": 1}
    message = agent("serve", name="mine", place=1, variant=variant, settings={}, database_ca="")
    assert message == "variant mine: its program no-such-program is not there\n"
