"""Progress is shown on stderr, and a round without a result leaves a line."""

import pytest
from showdown.progress import measuring, seeding
from showdown.results import Fault, Run
from showdown.run.runner import turns
from showdown.scenarios import load_scenarios

DETAIL = {"recipe-detail": load_scenarios()["recipe-detail"]}


def test_a_fault_is_a_line_with_its_place(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with measuring(run, DETAIL) as listener:
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
