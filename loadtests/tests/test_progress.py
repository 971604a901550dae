"""Progress is shown on stderr, and a round without a result leaves a line there."""

from io import StringIO

import pytest
from rich.console import Console
from showdown import progress
from showdown.contract.contract import load_contract
from showdown.measure.results import Fault, Run
from showdown.measure.runner import Turn, turns
from showdown.progress import measuring, seeding

DETAIL = {"recipe-detail": load_contract().scenarios.scenarios["recipe-detail"]}


def test_a_fault_is_a_line_with_its_place(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with measuring(run, DETAIL, load_contract().kinds) as listener:
        for turn in turns(run, DETAIL):
            listener.on_turn(turn)
            listener.on_seconds(0.1)
        listener.on_fault(Fault(variant="fast", scenario="recipe-detail", round=2, reason="odd [/] reason"))
    output = capsys.readouterr()
    assert output.out == ""
    assert "fast, recipe-detail, round 2 has no result: odd [/] reason" in output.err


def test_seeding_says_nothing_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    with seeding(10) as on_seeded:
        on_seeded(5)
        on_seeded(10)
    assert capsys.readouterr().out == ""


def test_where_hosts_vary_a_fault_says_how_many(grown: Run, capsys: pytest.CaptureFixture[str]) -> None:
    fault = Fault(variant="fast", scenario="recipe-detail", round=2, service_hosts=2, reason="it hangs")
    with measuring(grown, DETAIL, load_contract().kinds) as listener:
        listener.on_fault(fault)
    assert "fast, 2 hosts, recipe-detail, round 2 has no result: it hangs" in capsys.readouterr().err


@pytest.mark.parametrize(("service_hosts", "shown"), [(1, "fast, 1 host "), (2, "fast, 2 hosts ")])
def test_so_does_a_turn(grown: Run, monkeypatch: pytest.MonkeyPatch, service_hosts: int, shown: str) -> None:
    terminal = Console(file=StringIO(), force_terminal=True, width=200)
    monkeypatch.setattr(progress, "err", terminal)
    with measuring(grown, DETAIL, load_contract().kinds) as listener:
        listener.on_turn(Turn(3, "recipe-detail", "fast", service_hosts))
    assert isinstance(terminal.file, StringIO)
    assert f"round 3/3  recipe-detail  {shown}" in terminal.file.getvalue()
