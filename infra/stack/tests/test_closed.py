"""Other users can read what is behind a closed folder, except for secrets, and change nothing."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from showdown_stack import closed
from showdown_stack.closed import closed_folders, entrance
from showdown_stack.privilege import launcher

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes a way for others")


@pytest.fixture
def code(reachable_folder: Path) -> Iterator[Path]:
    """A folder with a file, inside a closed folder that also holds a secret."""
    home = reachable_folder / "it's home"
    code = home / "code"
    code.mkdir(parents=True)
    (code / "hello").write_text("hello")
    (home / "secret").write_text("s3cret")
    (home / "secret").chmod(0o600)
    home.chmod(0o700)
    yield code
    home.chmod(0o755)


def cat(path: Path, reads: list[Path]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*launcher("TERM", reads=reads), "cat", path], capture_output=True, text=True, check=False)


def test_folders_that_others_may_not_enter_are_found(code: Path) -> None:
    assert closed_folders([code]) == [code.parent]
    assert closed_folders([Path("/usr")]) == []


@as_root
def test_nothing_is_needed_where_no_folder_is_closed() -> None:
    assert entrance([Path("/usr")]) == []


@as_root
def test_code_can_be_read_and_a_secret_beside_it_cannot(code: Path) -> None:
    if entrance([code]) is None:
        pytest.skip("this system lets root mount nothing")
    assert "Permission denied" in cat(code / "hello", []).stderr
    assert cat(code / "hello", [code]).stdout == "hello"
    assert "Permission denied" in cat(code.parent / "secret", [code]).stderr
    # Everybody else still sees the closed folder.
    assert {path.name for path in code.parent.iterdir()} == {"code", "secret"}


@as_root
def test_where_root_may_mount_nothing_the_right_to_read_is_given(code: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closed, "_works", lambda _: False)
    assert entrance([code]) is None
    assert cat(code / "hello", [code]).stdout == "hello"


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare")
def test_a_way_that_does_not_exist_is_none() -> None:
    assert not closed._works(("no-such-program",))
    assert not closed._works(("false",))
