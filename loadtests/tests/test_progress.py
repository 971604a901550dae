"""Progress is shown on stderr, and a contender that loses a block leaves a line."""

from io import StringIO

import pytest
from rich.console import Console
from showdown import progress
from showdown.contract.contract import load_contract
from showdown.measure.results import Fault, Run
from showdown.measure.runner import SET_UP_SECONDS, Group, planned_groups
from showdown.measure.schedule import Turn
from showdown.progress import measuring, seeding

CONTRACT = load_contract()
DETAIL = {"recipe-detail": CONTRACT.scenarios.scenarios["recipe-detail"]}


def groups(run: Run) -> list[Group]:
    return planned_groups(run, DETAIL, None, 10, CONTRACT.kinds)


def test_a_fault_is_a_line_with_its_place(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    to_do = groups(run)
    with measuring(run, to_do) as listener:
        for group in to_do:
            listener.on_group(group)
            listener.on_step("starting the services")
            for turn in group.turns:
                listener.on_turn(turn)
                listener.on_seconds(0.1)
        listener.on_fault(Fault(variant="fast", scenario="recipe-detail", block=2, reason="odd [/] reason"))
        listener.on_fault(Fault(variant="slow", block=2, reason="it hangs"))
    output = capsys.readouterr()
    assert output.out == ""
    assert "fast, recipe-detail, block 2 has no result: odd [/] reason" in output.err
    assert "slow, block 2 has no result: it hangs" in output.err


def test_seeding_says_nothing_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    with seeding(10) as on_seeded:
        on_seeded(5)
        on_seeded(10)
    assert capsys.readouterr().out == ""


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    output = StringIO()
    monkeypatch.setattr(progress, "err", Console(file=output, force_terminal=True, width=200))
    return output


@pytest.mark.parametrize(("service_hosts", "shown"), [(1, "fast, 1 host "), (2, "fast, 2 hosts ")])
def test_block_and_lap_and_what_is_measured_are_shown(
    grown: Run, terminal: StringIO, service_hosts: int, shown: str
) -> None:
    to_do = groups(grown)
    with measuring(grown, to_do) as listener:
        listener.on_group(to_do[0])
        listener.on_turn(Turn(1, "recipe-detail", "fast", service_hosts))
    assert f"block 1/3  lap 1/1  recipe-detail  {shown}" in terminal.getvalue()


def test_where_blocks_are_added_nobody_knows_how_many_there_will_be(run: Run, terminal: StringIO) -> None:
    run.until_half_width = 0.03
    to_do = groups(run)
    with measuring(run, to_do[:1]) as listener:
        for group in to_do[:2]:
            listener.on_group(group)
            listener.on_turn(group.turns[0])
    assert "block 2  warm-up" in terminal.getvalue()


def test_time_left_is_that_of_all_turns_and_of_starting_services_as_long_as_it_took(run: Run) -> None:
    to_do = groups(run)
    with progress._progress() as bar:
        shown = progress.Shown(run, to_do, bar)
        turns = sum(group.seconds for group in to_do)
        assert bar.tasks[0].total == pytest.approx(turns + 3 * SET_UP_SECONDS)
        shown.on_group(to_do[0])
        shown.on_turn(to_do[0].turns[0])
        for _ in to_do[0].turns:
            shown.on_seconds(to_do[0].seconds / len(to_do[0].turns))
        # Starting took no time, so it will not in the next blocks.
        shown.on_group(to_do[1])
        assert bar.tasks[0].total == pytest.approx(turns, abs=1)
        assert bar.tasks[0].completed == pytest.approx(to_do[0].seconds)
