"""A keeper ends its program and everything that it has started: daemons, and what ignores SIGTERM."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from showdown_stack.kept import Kept

Eventually = Callable[[Callable[[], object]], None]
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: nothing else tells of orphans")
# Each leaves a process that writes down its process id. `deaf` ignores SIGTERM.
SLEEP = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
DAEMON = "(setsid {} &) ; exec sleep 600"
WAYS = {"background of a shell": "{} & wait", "daemon": DAEMON, "program that has ended": "setsid {} &"}


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "mark"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def script(way: str, mark: Path, program: str = SLEEP) -> str:
    return way.format(shlex.join([sys.executable, "-c", program, str(mark)]))


def keep(command: str, log: Path, stop_seconds: float = 15.0) -> Kept:
    with log.open("ab") as output:
        return Kept(["sh", "-c", command], stop_seconds=stop_seconds, output=output.fileno())


def left(mark: Path, eventually: Eventually) -> psutil.Process:
    """The process that has written down its id."""
    eventually(lambda: mark.exists() and mark.read_text())
    return psutil.Process(int(mark.read_text()))


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@on_linux
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_what_a_program_leaves_is_asked_to_end(way: str, mark: Path, log: Path, eventually: Eventually) -> None:
    kept = keep(script(way, mark), log)
    child = left(mark, eventually)
    kept.stop()
    assert gone(child)
    assert kept.killed == []
    assert log.read_text() == ""


@on_linux
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_what_is_deaf_is_killed_and_named(way: str, mark: Path, log: Path, eventually: Eventually) -> None:
    kept = keep(script(way, mark, DEAF), log)
    child = left(mark, eventually)
    name = f"{child.name()} (process {child.pid})"
    kept.stop()
    assert gone(child)
    assert kept.killed == [name]
    assert f"showdown: {name} did not end when it was asked to, and was killed\n" in log.read_text()


def test_a_program_that_is_deaf_itself_is_killed_and_named(mark: Path, log: Path, eventually: Eventually) -> None:
    kept = keep(script("exec {}", mark, DEAF), log, stop_seconds=0.1)
    child = left(mark, eventually)
    kept.stop()
    assert kept.exit_code == -signal.SIGKILL
    assert [name.partition(" (process ")[2] for name in kept.killed] == [f"{child.pid})"]


@on_linux
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_nothing_outlives_a_caller_that_is_killed(way: str, mark: Path, log: Path, eventually: Eventually) -> None:
    caller = f"""
from showdown_stack.kept import Kept
with open({str(log)!r}, "ab") as output:
    kept = Kept(["sh", "-c", {script(way, mark, DEAF)!r}], stop_seconds=1, output=output.fileno())
print("ready", flush=True)
input()
"""
    with subprocess.Popen([sys.executable, "-c", caller], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"ready\n"
        child = left(mark, eventually)
        holder.kill()
    eventually(lambda: gone(child))


def test_it_does_not_end_by_the_terminals_signals(log: Path) -> None:
    kept = keep("exec sleep 600", log)
    keeper = psutil.Process(kept.pid).parent()
    assert keeper is not None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        os.kill(keeper.pid, number)
    assert kept.exit_code is None
    kept.stop()
    assert kept.exit_code == -signal.SIGTERM


def test_a_program_has_the_usual_answers_to_signals(log: Path, eventually: Eventually) -> None:
    kept = keep(f"exec {sys.executable} -c 'import signal, os; print(signal.getsignal(signal.SIGHUP))'", log)
    eventually(lambda: kept.exit_code is not None)
    kept.stop()
    assert log.read_text() == f"{signal.Handlers.SIG_DFL}\n"
