"""The next start ends servers that a killed showdown and its killed keepers have left running."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from showdown_stack import leftovers
from showdown_stack.leftovers import end_leftovers, servers

Eventually = Callable[[Callable[[], object]], None]


@contextmanager
def running(name: str, folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program with this name that waits for input."""
    program = folder / name
    shutil.copy("/bin/sh", program)
    with subprocess.Popen([program, "-c", "read line", *arguments], stdin=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_server_over_the_states_files_is_ended(tmp_path: Path, eventually: Eventually) -> None:
    state = tmp_path / "state"
    with running("haproxy", tmp_path, "-f", f"{state}/running/haproxy.cfg") as left:
        eventually(lambda: [process.pid for process in servers(state)] == [left.pid])
        end_leftovers(state)
        assert servers(state) == []
        assert left.wait() == -15


def test_other_programs_and_other_states_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "state"
    monkeypatch.setattr(leftovers, "STOP_SECONDS", 0.1)
    with (
        running("tail", tmp_path, "-f", f"{state}/logs/postgres.log") as reader,
        running("postgres", tmp_path, "-D", f"{state}-other/data") as other,
    ):
        end_leftovers(state)
        assert reader.poll() is None
        assert other.poll() is None
