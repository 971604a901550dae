"""The state of a unit, as systemd reports it; a stand-in replaces systemd."""

from collections.abc import Callable
from pathlib import Path

import pytest
from showdown.stacks.agent import unit
from showdown.stacks.agent.unit import Unit
from showdown_contract.errors import ShowdownError

StandIn = Callable[[str, str], None]
UNIT = Unit("showdown-service.service")
# Records its arguments, and reads properties from files of their names.
SYSTEMCTL = """
echo "$@" >> {folder}/told
case "$1 $2 $3 $4 $5" in
    "show showdown-service.service --property "*" --value") cat {folder}/$4;;
    "restart showdown-service.service"*) exit $(cat {folder}/restart);;
    "reset-failed showdown-service.service"*) exit 1;; # as of a unit that is not loaded
esac
"""
JOURNALCTL = """
[ "$1 $2 $3" = "--unit showdown-service.service --lines" ] || exit 1
seq 100 | tail -n "$4"
"""


@pytest.fixture
def systemd(stand_in: StandIn, tmp_path: Path) -> Path:
    """The folder of the stand-in's files, of a unit that has ended."""
    stand_in("systemctl", SYSTEMCTL.format(folder=tmp_path))
    stand_in("journalctl", JOURNALCTL)
    properties = {"MainPID": "0", "ActiveState": "failed", "Result": "exit-code", "ExecMainStatus": "3", "restart": "0"}
    for name, value in properties.items():
        (tmp_path / name).write_text(f"{value}\n")
    return tmp_path


def test_it_is_started_anew_whatever_became_of_it(systemd: Path) -> None:
    UNIT.restart()
    # Otherwise systemd would not start a unit that has failed too often.
    assert (systemd / "told").read_text().splitlines() == [
        "reset-failed showdown-service.service",
        "restart showdown-service.service",
    ]


def test_one_that_does_not_start_is_shown_with_the_end_of_its_log(systemd: Path) -> None:
    (systemd / "restart").write_text("1\n")
    with pytest.raises(ShowdownError) as raised:
        UNIT.restart()
    first, second, *lines = str(raised.value).splitlines()
    assert first == "showdown-service.service ended (exit-code, 3)."
    assert second == "The end of its log (journalctl -u showdown-service.service):"
    assert lines == [f"  {number}" for number in range(89, 101)]


def test_it_is_stopped(systemd: Path) -> None:
    UNIT.stop()
    assert (systemd / "told").read_text() == "stop showdown-service.service\n"


def test_a_systemd_that_hangs_is_not_waited_for_without_end(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in("systemctl", "exec sleep 600")
    monkeypatch.setattr(unit, "SYSTEMD_SECONDS", 0.1)
    with pytest.raises(ShowdownError, match=r"^systemctl stop showdown-service\.service is not done after 0 s$"):
        UNIT.stop()


def test_as_much_of_its_log_is_read_as_asked_for(systemd: Path) -> None:
    assert systemd.is_dir()
    assert UNIT.log(2) == "99\n100\n"


def test_its_process_is_its_main_one(systemd: Path) -> None:
    assert UNIT.pid == 0
    (systemd / "MainPID").write_text("4711\n")
    assert UNIT.pid == 4711


@pytest.mark.parametrize(
    ("state", "running"),
    [
        ("active", True),
        ("activating", True),
        ("reloading", True),
        ("deactivating", False),
        ("inactive", False),
        ("failed", False),
    ],
)
def test_it_runs_from_its_start_to_its_end(systemd: Path, state: str, running: bool) -> None:
    (systemd / "ActiveState").write_text(f"{state}\n")
    assert UNIT.running == running
