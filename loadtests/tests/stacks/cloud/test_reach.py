"""What ssh says of connections is kept where something failed, and only there."""

from pathlib import Path

import pytest
from showdown.stacks.cloud.reach import new_log_folder
from showdown_contract.errors import ShowdownError


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHOWDOWN_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def test_logs_of_what_went_well_are_removed(state: Path) -> None:
    with new_log_folder() as folder:
        (folder / "ssh-service1.log").touch()
        assert folder.parent == state
    assert list(state.iterdir()) == []


def lose_a_connection() -> None:
    with new_log_folder() as folder:
        (folder / "ssh-service1.log").touch()
        raise ShowdownError("lost")


def test_logs_of_a_failure_are_kept_for_its_message_names_them(state: Path) -> None:
    with pytest.raises(ShowdownError, match=r"^lost$"):
        lose_a_connection()
    assert [path.name for path in state.rglob("*.log")] == ["ssh-service1.log"]
