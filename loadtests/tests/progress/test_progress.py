"""In a pipe progress is lines on stderr; in a terminal it is a view that goes when all is measured."""

import re
from io import StringIO

import pytest
from rich.console import Console
from showdown import progress
from showdown.console import notices
from showdown.contract.contract import load_contract
from showdown.measure.results import Fault, Run
from showdown.measure.runner import Group, planned_groups
from showdown.measure.schedule import Turn
from showdown.progress import live_view, measuring, seeding
from showdown.progress.live_view import LiveView

CONTRACT = load_contract()
DETAIL = {"recipe-detail": CONTRACT.scenarios.scenarios["recipe-detail"]}
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def groups(run: Run) -> list[Group]:
    return planned_groups(run, DETAIL, None, 10, CONTRACT.kinds)


def measured(run: Run) -> None:
    """Go through all of a run, of which nothing is measured."""
    slices, run.slices = run.slices, []
    to_do = groups(run)
    with measuring(run, to_do) as listener:
        listener.on_step("measuring what the generator can do")
        for group in to_do:
            listener.on_group(group)
            listener.on_step("starting the services")
            for turn in group.turns:
                listener.on_turn(turn)
                listener.on_seconds(0.1)
            run.slices += [each for each in slices if each.block == group.block]
            run.finished_blocks = group.block
        listener.on_fault(Fault(variant="fast", scenario="recipe-detail", block=2, reason="odd [/] reason"))
        listener.on_fault(Fault(variant="slow", block=2, reason="it hangs"))


def test_in_a_pipe_each_block_is_a_line_with_what_was_found_so_far(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    measured(run)
    output = capsys.readouterr()
    assert output.out == ""
    lines = output.err.splitlines()
    assert lines[0] == "showdown: measuring what the generator can do"
    assert lines[1].startswith("showdown: block 1/3 begins, about ")
    assert lines[2] == "showdown: recipe-detail after 1 of 3 blocks, req/s: slow 100 –, fast 500 –"
    assert lines[4].startswith("showdown: recipe-detail after 2 of 3 blocks, req/s: slow 141 ±")
    assert lines[6:] == [
        "showdown: fast, recipe-detail, block 2 has no result: odd [/] reason",
        "showdown: slow, block 2 has no result: it hangs",
    ]
    assert "\x1b" not in output.err


def test_quiet_says_nothing(run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "quiet", True)
    measured(run)
    with seeding(10) as on_seeded:
        on_seeded(5)
    assert capsys.readouterr() == ("", "")


def test_seeding_says_once_what_it_does_and_nothing_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    with seeding(1000) as on_seeded:
        for done in (500, 700, 1000):
            on_seeded(done)
    assert capsys.readouterr() == ("", "showdown: seeding 1,000 recipes\n")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    output = StringIO()
    monkeypatch.setattr(progress, "notices", Console(file=output, force_terminal=True, width=80, height=40))
    return output


def test_in_a_terminal_nothing_stays_but_faults(run: Run, terminal: StringIO) -> None:
    measured(run)
    left = CONTROL.sub("", terminal.getvalue().rpartition("\x1b[2K")[2])
    assert left.strip() == ""
    assert "slow, block 2 has no result: it hangs" in CONTROL.sub("", terminal.getvalue())


def drawn(run: Run, width: int, *, turn: Turn | None = None) -> str:
    """What the view shows after one block."""
    run.slices = [each for each in run.slices if each.block == 1]
    to_do = groups(run)
    view = LiveView(run, to_do, Console())
    view.on_group(to_do[0])
    run.finished_blocks = 1
    view.on_group(to_do[1])
    if turn:
        view.on_turn(turn)
    console = Console(file=StringIO(), width=width)
    console.print(view._drawn())
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [80, 140])
def test_it_shows_what_is_measured_and_what_was_found(run: Run, width: int) -> None:
    lines = drawn(run, width, turn=Turn(1, "recipe-detail", "fast", 1)).splitlines()
    assert lines[0].strip() == "block 2/3  lap 1/1  recipe-detail  fast"
    assert re.search(r"\d+% about \d+ (s|min) left", " ".join(lines[1].split()))
    assert lines[2].strip() == "recipe-detail, after 1 of 3 blocks"
    assert ["▸", "fast", "500", "–", "5.00", "–"] in [line.split() for line in lines]
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize(("service_hosts", "shown"), [(1, "fast, 1 host"), (2, "fast, 2 hosts")])
def test_on_several_hosts_those_that_are_measured_are_shown(grown: Run, service_hosts: int, shown: str) -> None:
    text = drawn(grown, 100, turn=Turn(1, "recipe-detail", "fast", service_hosts))
    assert f"lap 1/1  recipe-detail  {shown}" in text
    assert f"▸  {shown} " in text


def test_long_names_are_cut_where_there_is_no_room(run: Run) -> None:
    name = "a-contender-with-quite-a-long-name-that-somebody-has-chosen"
    run.variants = {"slow": run.variants["slow"], name: run.variants["fast"]}
    run.slices = [each.model_copy(update={"variant": name}) if each.variant == "fast" else each for each in run.slices]
    lines = drawn(run, 60, turn=Turn(1, "recipe-detail", name, 1)).splitlines()
    assert max(map(len, lines)) <= 60
    assert any("…" in line and " 500 " in line and " 5.00 " in line for line in lines)


def test_where_blocks_are_added_nobody_knows_how_many_there_will_be(run: Run) -> None:
    run.until_half_width = 0.03
    text = drawn(run, 100)
    assert text.startswith("block 2  ")
    assert "left of this block" in text
    assert "until every interval is within ±3.0%: the widest is not known yet" in text


def test_it_is_not_drawn_more_often_than_anybody_can_read() -> None:
    assert live_view.PER_SECOND <= 2
