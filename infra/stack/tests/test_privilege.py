"""Servers run without privileges, and can read their own code."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from showdown_contract.errors import ShowdownError
from showdown_stack.privilege import HAPROXY, User, launcher, own, own_folder, postgres_user, write_privately

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")


def run(*command: str, reads: tuple[Path, ...] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*launcher("TERM", reads=reads), *command], capture_output=True, text=True, check=False)


@as_root
def test_a_server_has_no_capability_and_can_get_none() -> None:
    output = run("cat", "/proc/self/status", reads=(Path("/usr"),)).stdout
    status = dict(line.split(":\t") for line in output.splitlines())
    assert int(status["CapEff"], 16) == 0
    assert int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"] == "1"


@as_root
def test_a_server_can_read_code_in_a_folder_closed_to_others_but_not_write(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    code = tmp_path / "code"
    code.write_text("print('hello')")
    assert "Permission denied" in run("cat", str(code)).stderr
    assert run("cat", str(code), reads=(tmp_path,)).stdout == "print('hello')"
    assert "Permission denied" in run("touch", str(code), reads=(tmp_path,)).stderr


def test_a_secret_is_never_readable_by_others_not_even_in_an_old_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("old")
    secret.chmod(0o644)
    write_privately(secret, "new")
    assert (secret.read_text(), secret.stat().st_mode & 0o777) == ("new", 0o600)


def test_a_secret_is_not_written_through_a_link(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("precious")
    (tmp_path / "secret").symlink_to(target)
    write_privately(tmp_path / "secret", "new")
    assert target.read_text() == "precious"
    assert not (tmp_path / "secret").is_symlink()


def test_a_folder_for_servers_is_new_and_empty(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "stale").mkdir(parents=True)
    assert list(own_folder(folder).iterdir()) == []
    assert (folder.stat().st_uid, folder.stat().st_mode & 0o777) == (os.geteuid(), 0o755)


@as_root
def test_a_servers_own_folder_is_closed_to_others(tmp_path: Path) -> None:
    folder = own_folder(tmp_path / "folder", HAPROXY)
    assert (folder.stat().st_uid, folder.stat().st_mode & 0o777) == (HAPROXY.uid, 0o700)


@as_root
def test_a_link_that_is_given_to_a_server_does_not_give_it_what_it_points_to(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.touch()
    link.symlink_to(target)
    own(link)
    assert target.stat().st_uid == 0


@pytest.mark.parametrize(("names", "found"), [({"postgres", "nobody"}, "postgres"), ({"nobody"}, "nobody")])
def test_postgres_needs_an_account(monkeypatch: pytest.MonkeyPatch, names: set[str], found: str) -> None:
    account = SimpleNamespace(pw_uid=101, pw_gid=104)
    asked = []

    def getpwnam(name: str) -> SimpleNamespace:
        asked.append(name)
        if name not in names:
            raise KeyError
        return account

    monkeypatch.setattr(pwd, "getpwnam", getpwnam)
    assert postgres_user() == User(101, 104)
    assert asked[-1] == found


def test_without_an_account_for_postgres_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def getpwnam(name: str) -> SimpleNamespace:
        raise KeyError(name)

    monkeypatch.setattr(pwd, "getpwnam", getpwnam)
    with pytest.raises(ShowdownError, match="neither a user 'postgres' nor 'nobody'"):
        postgres_user()


@as_root
def test_root_without_setpriv_starts_no_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ShowdownError, match=r"setpriv .* is missing"):
        launcher("TERM")
    # Our own tools run as our own user.
    assert launcher("TERM", as_ourselves=True) == []


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv")
def test_an_ordinary_user_stays_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert launcher("INT") == [shutil.which("setpriv"), "--pdeathsig", "INT"]


@as_root
def test_a_file_can_be_given_to_the_servers(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    own(file, HAPROXY)
    assert User(file.stat().st_uid, file.stat().st_gid) == HAPROXY


def test_an_ordinary_users_files_stay_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    file = tmp_path / "file"
    file.touch()
    owner = file.stat().st_uid
    own(file)
    assert file.stat().st_uid == owner
