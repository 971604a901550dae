"""Of many differences the first are shown, and how many there are more."""

import pytest
from showdown import verification


def test_what_is_cut_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    verification._show([f"fault {number}" for number in range(29)], 10)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["fault 0", "fault 1"]
    assert lines[10:] == ["and 19 more: --all shows them"]


def test_what_is_not_cut_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    verification._show(["one", "two"], 2)
    assert capsys.readouterr().out == "one\ntwo\n"
