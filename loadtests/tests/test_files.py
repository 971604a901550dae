"""Files that may be somebody else's are read up to a limit, and writing follows no link."""

import os
import stat
from pathlib import Path

import pytest
from showdown.files import read_bounded, replace_file, write_result
from showdown_contract.errors import ShowdownError


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_bounded(path, 5) == b"12345"
    with pytest.raises(ShowdownError, match="larger than"):
        read_bounded(path, 4)


@pytest.mark.parametrize("path", [Path("/dev/zero"), Path("/")])
def test_what_is_no_file_is_refused(path: Path) -> None:
    with pytest.raises((ShowdownError, IsADirectoryError)):
        read_bounded(path, 5)


def test_a_link_is_replaced_and_what_it_names_left_alone(tmp_path: Path) -> None:
    mine, link = tmp_path / "mine", tmp_path / "link"
    mine.write_text("mine")
    link.symlink_to(mine)
    replace_file(link, "report")
    assert (mine.read_text(), link.read_text(), link.is_symlink()) == ("mine", "report", False)


def test_permissions_are_kept_where_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch(mode=0o600)
    replace_file(path, "text", mode_of=path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="there is no /dev/full")
def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    opened = Path.open
    monkeypatch.setattr(Path, "open", lambda *_, **__: opened(Path("/dev/full"), "wb"))
    with pytest.raises(OSError, match="No space left on device"):
        replace_file(path, "new")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_result_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    assert write_result(tmp_path / "found.json", "{}").read_text() == "{}"
    with pytest.raises(ShowdownError, match=r"^cannot write .*none/found\.json: No such file or directory$"):
        write_result(tmp_path / "none" / "found.json", "{}")
