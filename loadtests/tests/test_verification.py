"""A missing service breaks nothing; of many differences, the first are shown and the others counted."""

import re
from pathlib import Path

import pytest
from hostile import BEHAVIOURS, serving
from showdown import verification
from showdown.contract.contract import load_contract
from showdown.verification import NotStartedError, verify_url
from showdown_contract.files import CONTRACT
from showdown_stack.ports import LOOPBACK, free_port

TODO = Path(__file__).parent / "todo"


def test_what_is_cut_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    verification._show([f"fault {number}" for number in range(29)], 10)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["fault 0", "fault 1"]
    assert lines[10:] == ["and 19 more: --all shows them"]


def test_what_is_not_cut_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    verification._show(["one", "two"], 2)
    assert capsys.readouterr().out == "one\ntwo\n"


@pytest.mark.parametrize("folder", [TODO, CONTRACT], ids=["todo", "recipes"])
def test_where_nothing_listens_the_one_message_is_that_no_service_is_healthy(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    contract, url = load_contract(folder), f"http://{LOOPBACK}:{free_port()}"
    asked = re.escape(f"GET {url}{contract.health}: no answer: ConnectionRefusedError")
    with pytest.raises(NotStartedError, match=f"^there is no healthy service: {asked}"):
        verify_url(contract, url, 10)
    assert capsys.readouterr().out == ""


def test_a_service_that_is_not_healthy_is_not_asked_for_more(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(BEHAVIOURS["elsewhere"]) as url, pytest.raises(NotStartedError, match=r"/healthz: status 302$"):
        verify_url(load_contract(), url, 10)
    assert capsys.readouterr().out == ""
