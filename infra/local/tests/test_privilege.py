"""Servers have no privileges, but can read the code that they run."""

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from local_stack import privilege
from local_stack.errors import StackError
from local_stack.privilege import launcher, own

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*launcher("TERM"), *command], capture_output=True, text=True, check=False)


@pytest.fixture
def open_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the code lies in folders that anybody may enter."""
    monkeypatch.setattr(privilege, "CHECKOUT", Path("/usr"))
    monkeypatch.setattr(sys, "executable", "/usr/bin/python3")
    monkeypatch.setattr(sys, "base_prefix", "/usr")


@as_root
@pytest.mark.usefixtures("open_code")
def test_a_server_has_no_capability_and_can_get_none() -> None:
    status = dict(line.split(":\t") for line in run("cat", "/proc/self/status").stdout.splitlines())
    assert int(status["CapEff"], 16) == 0
    assert int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"] == "1"


@as_root
@pytest.mark.usefixtures("open_code")
def test_a_server_can_read_code_in_a_folder_closed_to_others_but_not_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    code = tmp_path / "code"
    code.write_text("print('hello')")
    assert "Permission denied" in run("cat", str(code)).stderr

    monkeypatch.setattr(privilege, "CHECKOUT", tmp_path)
    assert run("cat", str(code)).stdout == "print('hello')"
    assert "Permission denied" in run("touch", str(code)).stderr


@as_root
def test_root_without_setpriv_starts_no_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StackError, match=r"setpriv .* is missing"):
        launcher("TERM")
    # Our own tools need no other user.
    assert launcher("TERM", as_ourselves=True) == []


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv")
def test_an_ordinary_user_stays_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert launcher("INT") == [shutil.which("setpriv"), "--pdeathsig", "INT"]


@as_root
def test_a_file_can_be_given_to_the_servers(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    own(file)
    assert pwd.getpwuid(file.stat().st_uid).pw_name == "nobody"


def test_an_ordinary_users_files_stay_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    file = tmp_path / "file"
    file.touch()
    owner = file.stat().st_uid
    own(file)
    assert file.stat().st_uid == owner
