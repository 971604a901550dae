"""One process at a time holds a lock, and the others are told which process has it."""

from pathlib import Path

import pytest
from showdown_stack.lock import LockedError, locked


def test_whoever_comes_second_is_told_who_was_first(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with (
        locked(path, "the first, with a long name"),
        pytest.raises(LockedError, match=r"^another process holds the lock: the first, with a long name$"),
        locked(path, "the second"),
    ):
        pass


def test_it_is_free_again_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    for holder in ("the first, with a long name", "the second"):
        with locked(path, holder):
            assert path.read_text() == holder
        assert path.read_text() == ""


def test_what_ends_its_holder_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with pytest.raises(KeyError), locked(path, "the first"):
        raise KeyError
    with locked(path, "the second"):
        assert path.read_text() == "the second"


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "lock").symlink_to(tmp_path / "mine")
    with pytest.raises(OSError, match="lock"), locked(tmp_path / "lock", "somebody"):
        pass
    assert (tmp_path / "mine").read_text() == "mine"
