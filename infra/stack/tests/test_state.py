"""One process at a time has the state folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from showdown_contract.errors import ShowdownError
from showdown_stack.state import locked_state, state_folder

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make folders of somebody else's")
LOCK = "from showdown_stack.state import locked_state\nwith locked_state(): print('mine', flush=True); input()"


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
        with pytest.raises(
            ShowdownError, match=rf"another showdown \(process {os.getpid()}\) uses the stack in {folder}"
        ):
            locked_state().__enter__()


def test_another_process_is_told_who_has_it(folder: Path) -> None:
    with locked_state():
        result = subprocess.run([sys.executable, "-c", LOCK], capture_output=True, text=True, input="\n", check=False)
    assert f"ShowdownError: another showdown (process {os.getpid()}) uses the stack in {folder}" in result.stderr
    assert result.stdout == ""


def test_the_holder_is_named_to_us_and_its_end_frees_the_folder(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", LOCK], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"mine\n"
        with pytest.raises(ShowdownError, match=rf"process {holder.pid}\)"):
            locked_state().__enter__()
        # However the process ends, nobody has to remove a lock by hand.
        holder.kill()
    with locked_state() as held:
        assert held == folder


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777])
def test_a_folder_that_others_may_write_to_is_refused(folder: Path, mode: int) -> None:
    folder.mkdir(parents=True)
    folder.chmod(mode)
    with pytest.raises(ShowdownError, match=rf"others may write to {folder} \(type 'chmod go-w {folder}'\)"):
        locked_state().__enter__()
    assert not list(folder.iterdir())


@as_root
@pytest.mark.parametrize("whose", ["state", "new"])
def test_a_folder_of_somebody_elses_is_refused_and_one_that_lies_in_one_too(folder: Path, whose: str) -> None:
    folder.mkdir(parents=True)
    (other,) = [path for path in (folder, folder.parent) if path.name == whose]
    os.chown(other, 60601, 60601)
    with pytest.raises(ShowdownError, match=rf"{other} belongs to another user \(60601\), .*: set SHOWDOWN_STATE"):
        locked_state().__enter__()


@as_root
def test_a_link_is_followed_before_it_is_looked_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    link = folder.parent / "link"
    link.symlink_to(folder)
    monkeypatch.setenv("SHOWDOWN_STATE", str(link))
    with pytest.raises(ShowdownError, match=f"others may write to {folder} "):
        locked_state().__enter__()


def test_a_link_in_place_of_the_lock_is_not_followed(folder: Path) -> None:
    folder.mkdir(mode=0o755, parents=True)
    target = folder.parent / "target"
    target.write_text("precious")
    (folder / "lock").symlink_to(target)
    with pytest.raises(ShowdownError, match="cannot write to"):
        locked_state().__enter__()
    assert target.read_text() == "precious"


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SHOWDOWN_STATE", str(tmp_path / "file" / "state"))
    with pytest.raises(ShowdownError, match=r"cannot write to .*: set SHOWDOWN_STATE to a folder of yours"):
        locked_state().__enter__()
