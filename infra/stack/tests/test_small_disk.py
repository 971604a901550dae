"""A small disk has a copy of a folder and a little room, and is given back."""

import errno
import os
from pathlib import Path

import pytest
from showdown_contract.errors import ShowdownError
from showdown_stack.small_disk import DISK, MIB, small_disk, unmount

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount one")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "file").write_bytes(bytes(MIB))
    return folder


@as_root
def test_it_has_a_copy_and_so_much_room(source: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path, source, 2) as disk:
        assert (disk / "file").read_bytes() == bytes(MIB)
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            (disk / "filler").write_bytes(bytes(4 * MIB))
    assert not (tmp_path / DISK).exists()
    assert (source / "file").exists()


@as_root
def test_that_of_a_showdown_that_was_killed_is_given_back(source: Path, tmp_path: Path) -> None:
    killed = small_disk(tmp_path, source, 1)
    disk = killed.__enter__()
    assert disk.is_mount()
    unmount(tmp_path)
    assert not (tmp_path / DISK).exists()


def test_where_nothing_can_be_mounted_it_says_so(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "mount").write_text("#!/bin/sh\necho 'must be superuser' >&2\nexit 1\n")
    (programs / "mount").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    with (
        pytest.raises(ShowdownError, match="must be superuser: only root can mount one, and not in every container"),
        small_disk(tmp_path, source, 1),
    ):
        pass
