"""Profilers: what they say where they cannot look, and what they see where they can."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from showdown.sampling import profilers
from showdown.sampling.call_stacks import Samples
from showdown.sampling.profilers import PROFILERS, Perf, Profiler, PySpy, Sampling
from showdown_contract.errors import ShowdownError

StandIn = Callable[[str, str], None]
BUSY = """
def busy():
    while True:
        sum(range(1000))
busy()
"""


@pytest.fixture
def python() -> Iterator[int]:
    """A process that runs Python, and keeps a core busy."""
    with subprocess.Popen([sys.executable, "-c", BUSY]) as process:
        yield process.pid
        process.kill()


@pytest.fixture
def no_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))


@pytest.fixture
def only_stand_ins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The profilers of this Python are hidden; it goes on itself."""
    folder = tmp_path / "python"
    folder.mkdir()
    (folder / "python").symlink_to(os.path.realpath(sys.executable))
    monkeypatch.setattr(sys, "executable", str(folder / "python"))


def require(profiler: Profiler) -> None:
    """Skip where this machine has it not."""
    try:
        profiler.require()
    except ShowdownError as error:
        pytest.skip(str(error))


def seen(profiler: Profiler, pid: int, files: Path, seconds: float) -> Samples:
    sampling = profiler.attached(pid, files)
    try:
        # perf makes its file when it begins, and py-spy says so.
        end = time.monotonic() + 30
        while not (sampling.recorded.exists() or "Sampling process" in sampling.process.log.read_text()):
            assert time.monotonic() < end, "the profiler does not begin"
            time.sleep(0.05)
        time.sleep(seconds)
        sampling.begin_end()
        return sampling.samples()
    finally:
        sampling.end()


def functions(samples: Samples) -> set[str]:
    return {frame.split(" ")[0] for stack in samples for frame in stack}


@pytest.mark.parametrize("profiler", PROFILERS.values(), ids=[*PROFILERS])
@pytest.mark.usefixtures("no_programs")
def test_a_profiler_that_is_missing_is_named_with_what_to_type(profiler: Profiler) -> None:
    with pytest.raises(ShowdownError, match=rf"{profiler.name} is missing: type '.*(install|pip).*{profiler.name}'"):
        profiler.require()


@pytest.mark.usefixtures("only_stand_ins")
def test_py_spy_that_may_not_attach_says_what_to_do(stand_in: StandIn) -> None:
    stand_in("py-spy", "echo 'Permission Denied: Try running again with elevated permissions' >&2; exit 1")
    with pytest.raises(ShowdownError, match="ptrace_scope=0'\nPermission Denied") as caught:
        PySpy().require()
    assert "run this as root" in str(caught.value)


@pytest.mark.usefixtures("only_stand_ins")
def test_perf_that_cannot_record_says_why(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    stand_in("perf", "echo 'perf not found for kernel 6.1' >&2; exit 2")
    with pytest.raises(ShowdownError, match="perf cannot record on this machine:\nperf not found for kernel"):
        Perf().require()


def test_perf_without_the_right_to_see_the_kernel_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, stand_in: StandIn, tmp_path: Path
) -> None:
    stand_in("perf", "exit 0")
    paranoid = tmp_path / "perf_event_paranoid"
    paranoid.write_text("2\n")
    monkeypatch.setattr(profilers, "PARANOID", paranoid)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(ShowdownError, match=r"kernel\.perf_event_paranoid=1'"):
        Perf().require()


def test_py_spy_sees_what_python_does(python: int, tmp_path: Path) -> None:
    require(PySpy())
    assert PySpy().can_see(python)
    samples = seen(PySpy(), python, tmp_path / "busy", 2)
    assert "busy" in functions(samples)
    assert not any("0x" in frame for frame in functions(samples))
    assert [path.name for path in tmp_path.iterdir()] == ["busy-py-spy.log"]


def test_perf_sees_what_interprets_python(python: int, tmp_path: Path) -> None:
    require(Perf())
    samples = seen(Perf(), python, tmp_path / "busy", 1)
    assert "_PyEval_EvalFrameDefault" in functions(samples)
    assert [path.name for path in tmp_path.iterdir()] == ["busy-perf.log"]


def test_py_spy_knows_what_is_no_python() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        assert not PySpy().can_see(process.pid)
        process.kill()


def test_a_profiler_that_has_seen_nothing_says_so(tmp_path: Path) -> None:
    require(PySpy())
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        time.sleep(1)
        sampling = PySpy().attached(process.pid, tmp_path / "nothing")
        try:
            with pytest.raises(ShowdownError, match="py-spy has seen nothing: "):
                sampling.samples()
        finally:
            sampling.end()
            process.kill()


def test_a_function_without_a_name_is_the_same_in_every_process(tmp_path: Path) -> None:
    recorded = tmp_path / "recorded"
    recorded.write_text("0x7fce050bc24a (libc.so.6);main (a.py:1) 2\n0x7fce050bc24b (libc.so.6);main (a.py:1) 3\n")
    assert profilers._read_py_spy(recorded) == {("[unknown] (libc.so.6)", "main (a.py:1)"): 5}


def test_py_spy_looks_at_the_worker_and_not_at_who_started_it(tmp_path: Path) -> None:
    require(PySpy())
    starter = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"
    with subprocess.Popen([sys.executable, "-c", starter], start_new_session=True) as process:
        try:
            time.sleep(1)
            assert "busy" in functions(seen(PySpy(), process.pid, tmp_path / "busy", 2))
        finally:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("py-spy> Sampling process 99 times a second.", 0.0),
        ("py-spy> 1.02s behind in sampling, results may be\npy-spy> 21.79s behind in sampling, results\n", 21.79),
    ],
)
def test_it_is_known_how_far_it_fell_behind(said: str, seconds: float, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(said)
    process: Any = SimpleNamespace(log=log)
    assert Sampling(process, tmp_path / "recorded", lambda _: {}).behind_seconds() == seconds
