"""One process at a time has the state folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from local_stack.errors import StackError
from local_stack.state import locked_state, state_folder

LOCK = "from local_stack.state import locked_state\nwith locked_state(): print('mine', flush=True); input()"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder that does not exist yet."""
    folder = tmp_path / "new" / "state"
    monkeypatch.setenv("SHOWDOWN_STATE", str(folder))
    return folder


def test_the_environment_chooses_the_folder(folder: Path) -> None:
    assert state_folder() == folder


def test_a_relative_choice_means_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOWDOWN_STATE", "state")
    assert state_folder() == Path.cwd() / "state"


def test_an_ordinary_users_folder_is_in_the_users_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SHOWDOWN_STATE")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert state_folder() == tmp_path / "showdown"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert state_folder() == tmp_path / ".cache" / "showdown"


def test_roots_folder_is_one_that_a_server_can_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOWDOWN_STATE")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert state_folder() == Path("/var/cache/showdown")


def test_the_folder_is_made_and_held(folder: Path) -> None:
    with locked_state() as held:
        assert held == folder
        assert folder.is_dir()
        with pytest.raises(StackError, match=rf"another showdown \(process {os.getpid()}\) uses the stack in {folder}"):
            locked_state().__enter__()


def test_another_process_is_told_who_has_it(folder: Path) -> None:
    with locked_state():
        result = subprocess.run([sys.executable, "-c", LOCK], capture_output=True, text=True, input="\n", check=False)
    assert f"StackError: another showdown (process {os.getpid()}) uses the stack in {folder}" in result.stderr
    assert result.stdout == ""


def test_the_holder_is_named_to_us_and_its_end_frees_the_folder(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", LOCK], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"mine\n"
        with pytest.raises(StackError, match=rf"process {holder.pid}\)"):
            locked_state().__enter__()
        # However it ends: nobody has to remove a lock by hand.
        holder.kill()
    with locked_state() as held:
        assert held == folder


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SHOWDOWN_STATE", str(tmp_path / "file" / "state"))
    with pytest.raises(StackError, match=r"cannot write to .*: set SHOWDOWN_STATE to a folder of yours"):
        locked_state().__enter__()
