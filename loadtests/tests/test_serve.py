"""`showdown up`: the stack for interactive use, or for another command."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import psutil
import psycopg
import pytest
from showdown.serve import Served
from showdown_contract.files import CHECKOUT

Showdown = Callable[..., subprocess.CompletedProcess[str]]
Eventually = Callable[[Callable[[], object]], None]

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: nothing else tells of orphans")

COUNT_RECIPES = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    print(connection.execute("SELECT count(*) FROM recipes").fetchone(), os.environ.get("SHOWDOWN_URL"))
raise SystemExit(7)
"""
ASK_SERVICE = """
import os
from urllib.request import ProxyHandler, build_opener
print(build_opener(ProxyHandler({})).open(os.environ["SHOWDOWN_URL"] + "/healthz").read().decode())
"""


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`showdown up` in a session of its own, with its output in a pipe."""
    command = [str(Path(sys.executable).parent / "showdown"), "up", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.usefixtures("seeded_state")
def test_a_command_runs_beside_the_database_and_its_exit_code_is_ours(showdown: Showdown) -> None:
    result = showdown("up", "--database-only", "--", sys.executable, "-c", COUNT_RECIPES)
    assert result.stdout == "(2010,) None\n"
    assert result.returncode == 7, result.stderr


@pytest.mark.usefixtures("seeded_state")
def test_a_command_can_ask_a_service(showdown: Showdown) -> None:
    result = showdown("up", "--variant", "starlette", "--", sys.executable, "-c", ASK_SERVICE)
    assert result.stdout == '{"status":"ok"}\n', result.stderr
    assert result.returncode == 0


@pytest.mark.usefixtures("seeded_state")
def test_a_command_that_is_not_there_is_named(showdown: Showdown) -> None:
    result = showdown("up", "--database-only", "--", "no-such-command")
    assert result.returncode == 1
    assert "showdown: cannot run no-such-command: No such file or directory" in result.stderr
    assert "Traceback" not in result.stderr


def test_it_serves_until_ctrl_c(own_state: Path, mentioning: Callable[[Path], list[str]]) -> None:
    with started("--variant", "starlette") as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first.startswith("starlette answers at http://127.0.0.1:")
        url = first.split()[3].removesuffix(".")
        with build_opener(ProxyHandler({})).open(f"{url}/healthz") as answer:
            assert answer.read() == b'{"status":"ok"}'
        process.stdout.readline()
        locust = shlex.split(process.stdout.readline())
        # The path is absolute, so that the command works in any folder.
        assert locust == ["locust", "-f", str(CHECKOUT / "loadtests" / "locustfile.py"), "-H", url]
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) >= 3
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert process.returncode == 130
    assert "interrupted; everything that was started has been stopped" in errors
    assert not any(child.is_running() for child in children)
    assert mentioning(own_state) == []


def test_where_everything_is_can_be_read_by_a_program(own_state: Path, mentioning: Callable[[Path], list[str]]) -> None:
    with started("--variant", "starlette", "--json") as process:
        assert process.stdout is not None
        document = ""
        while not document.endswith("\n}\n"):
            line = process.stdout.readline()
            assert line, process.communicate()
            document += line
        served = Served.model_validate_json(document)
        with build_opener(ProxyHandler({})).open(f"{served.url}/healthz") as answer:
            assert answer.read() == b'{"status":"ok"}'
        with psycopg.connect(served.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        # Without Rust there is none.
        if served.upstream:
            opener = build_opener(ProxyHandler({}))
            opener.addheaders = [*served.upstream.counters_headers.items()]
            with opener.open(served.upstream.counters_url) as answer:
                assert "handshakes" in json.load(answer)
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate()
    assert (served.variant, rest, process.returncode) == ("starlette", "", 130)
    assert mentioning(own_state) == []


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_what_ends_it_ends_the_command_too(
    own_state: Path, mentioning: Callable[[Path], list[str]], eventually: Eventually, by: signal.Signals
) -> None:
    mark = own_state / "mark"
    with started("--database-only", "--", "sh", "-c", f"touch {mark}; exec sleep 600") as process:
        eventually(mark.exists)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(by)
        process.communicate()
    assert process.returncode == 130
    assert not any(child.is_running() for child in children)
    assert mentioning(own_state) == []


@on_linux
def test_a_daemon_of_the_commands_that_has_to_be_killed_is_named(
    own_state: Path, mentioning: Callable[[Path], list[str]]
) -> None:
    # Child processes inherit an ignored signal.
    daemon = f"trap '' TERM; setsid tail -f {own_state}/lock > {own_state}/tailed 2>&1 &"
    with started("--database-only", "--", "sh", "-c", daemon) as process:
        _, errors = process.communicate()
    assert process.returncode == 1
    assert "showdown: sh left behind what did not end when it was asked to: killed tail (process " in errors
    assert mentioning(own_state) == []


@on_linux
def test_nothing_of_the_commands_outlives_a_kill(
    own_state: Path, mentioning: Callable[[Path], list[str]], eventually: Eventually
) -> None:
    mark = own_state / "mark"
    with started(
        "--database-only", "--", "sh", "-c", f"setsid tail -f {own_state}/lock & touch {mark}; wait"
    ) as process:
        eventually(mark.exists)
        process.kill()
        process.communicate()
    eventually(lambda: mentioning(own_state) == [])


def test_the_next_start_waits_for_what_a_killed_one_leaves(own_state: Path, showdown: Showdown) -> None:
    assert own_state.exists()
    with started("--database-only") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Postgres: ")
        process.kill()
        process.communicate()
    result = showdown("up", "--database-only", "--", sys.executable, "-c", COUNT_RECIPES)
    assert (result.stdout, result.returncode) == ("(2010,) None\n", 7), result.stderr


def test_a_postgres_that_ends_is_told(own_state: Path, mentioning: Callable[[Path], list[str]]) -> None:
    with started("--database-only") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Postgres: postgresql://api:")
        (postmaster,) = (child for child in psutil.Process(process.pid).children(True) if "-D" in child.cmdline())
        os.kill(postmaster.pid, signal.SIGKILL)
        _, errors = process.communicate()
    assert process.returncode == 1
    assert "showdown: Postgres ended (exit code -9)." in errors
    assert mentioning(own_state) == []
