"""Blocks are measured in their order, written down as they end, and one that fails does not end the others."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from showdown.contenders.variants import Variant
from showdown.contract.contract import load_contract
from showdown.generators.locust import LocustGenerator
from showdown.measure import runner
from showdown.measure.blocks import BlockError
from showdown.measure.course import BlockPlan, BlockResult, StackLostError
from showdown.measure.more_blocks import no_more
from showdown.measure.results import Ceiling, Fault, Run, Slice, read_run
from showdown.measure.runner import Group, Listener, measure, planned_groups
from showdown.measure.schedule import CEILING, WARM_UP
from showdown.stacks.local import LocalStack
from showdown.stacks.pressure import Disturbances
from showdown.stacks.stack import Disturbed
from showdown_stack.tiers import TierOptions, Tiers

CONTRACT = load_contract()
DETAIL = {"recipe-detail": CONTRACT.scenarios.scenarios["recipe-detail"]}


class Calm:
    """A stack of which only is asked what was taken from it."""

    def disturbed(self) -> Disturbed:
        return Disturbed(Disturbances(steal_percent=1.0, swapped_mib=2.0, throttled_percent=3.0))


def listening(told: list[str]) -> Listener:
    return Listener(
        on_step=told.append,
        on_turn=lambda turn: told.append(f"{turn.contender} {turn.lap}"),
        on_seconds=lambda _: None,
        on_group=lambda group: told.append(f"block {group.block}.{group.number}: {', '.join(group.contenders)}"),
        on_fault=lambda fault: told.append(f"{fault.variant} lost block {fault.block}: {fault.reason}"),
    )


@pytest.fixture
def scripted(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., tuple[Run, list[str]]]:
    """Measures blocks that are scripts: of each a result, or an exception."""
    slices, ceilings = {each.block: each for each in run.slices}, {each.block: each for each in run.ceilings}

    def call(
        *outcomes: BaseException | None,
        available: int | None = None,
        blocks: int = 3,
        more: Callable[[Run], list[Group]] = no_more,
    ) -> tuple[Run, list[str]]:
        empty = run.model_copy(update={"slices": [], "ceilings": [], "finished_at": None})
        empty.profile = run.profile.model_copy(update={"blocks": blocks})
        left = list(outcomes)

        def play(plan: BlockPlan, *others: Any) -> None:
            result: BlockResult = others[-1]
            outcome = left.pop(0)
            result.slices.append(slices[plan.number])
            result.ceilings.append(ceilings[plan.number])
            if outcome:
                raise outcome

        monkeypatch.setattr(runner, "measure_block", play)
        told: list[str] = []
        to_do = planned_groups(empty, DETAIL, available, 10, CONTRACT.kinds)
        stack: Any = Calm()
        try:
            measure(empty, stack, DETAIL, LocustGenerator(), tmp_path, listening(told), to_do, more)
        except (KeyboardInterrupt, StackLostError) as error:
            told.append(type(error).__name__)
        return empty, told

    return call


def test_all_blocks_are_measured_and_written_down(
    scripted: Callable[..., tuple[Run, list[str]]], tmp_path: Path
) -> None:
    run, told = scripted(None, None, None)
    assert told == [f"block {block}.1: slow, fast, {CEILING}" for block in (1, 2, 3)]
    assert [slice_.block for slice_ in run.slices] == [1, 2, 3]
    assert run.finished_blocks == 3
    assert run.finished_at is not None
    assert read_run(tmp_path) == run
    machine = run.machine
    assert (machine.steal_percent, machine.swapped_mib, machine.throttled_percent) == (1.0, 2.0, 3.0)


def test_each_block_is_written_down_before_the_next_one_begins(
    scripted: Callable[..., tuple[Run, list[str]]], tmp_path: Path
) -> None:
    written: list[int] = []

    def more(run: Run) -> list[Group]:
        written.append(len(read_run(tmp_path).slices))
        if run.finished_blocks == 3:
            return []
        run.profile.blocks = run.finished_blocks + 1
        return planned_groups(run, DETAIL, None, 10, CONTRACT.kinds)

    scripted(None, None, None, blocks=1, more=more)
    assert written == [1, 2, 3]


def test_what_is_added_at_the_end_is_measured_and_written_down_like_the_rest(
    scripted: Callable[..., tuple[Run, list[str]]], tmp_path: Path
) -> None:
    def more(run: Run) -> list[Group]:
        if run.finished_blocks == 3:
            return []
        run.profile.blocks = run.finished_blocks + 1
        return planned_groups(run, DETAIL, None, 10, CONTRACT.kinds)

    run, told = scripted(None, None, None, blocks=1, more=more)
    assert told == [f"block {block}.1: slow, fast, {CEILING}" for block in (1, 2, 3)]
    assert (run.finished_blocks, run.profile.blocks) == (3, 3)
    assert read_run(tmp_path) == run


def test_a_block_that_cannot_be_measured_is_lost_by_all_and_the_next_one_goes_on(
    scripted: Callable[..., tuple[Run, list[str]]],
) -> None:
    run, told = scripted(None, BlockError("Locust ended in mid-run"), None)
    assert [slice_.block for slice_ in run.slices] == [1, 3]
    assert [(fault.variant, fault.block) for fault in run.faults] == [("slow", 2), ("fast", 2), (CEILING, 2)]
    assert "fast lost block 2: Locust ended in mid-run" in told
    assert run.finished_blocks == 3


def test_reasons_do_not_tell_where_the_runs_folder_is(
    scripted: Callable[..., tuple[Run, list[str]]], tmp_path: Path
) -> None:
    run, told = scripted(None, BlockError(f"Locust ended: see {tmp_path}/blocks/2-locust.log"), None)
    assert {fault.reason for fault in run.faults} == {"Locust ended: see blocks/2-locust.log"}
    # Who has measured may want to open it.
    assert f"fast lost block 2: Locust ended: see {tmp_path}/blocks/2-locust.log" in told


@pytest.mark.parametrize("error", [KeyboardInterrupt(), StackLostError("haproxy ended")])
def test_what_stops_a_run_keeps_what_was_measured(
    scripted: Callable[..., tuple[Run, list[str]]], tmp_path: Path, error: BaseException
) -> None:
    run, told = scripted(None, error, None)
    assert told[-1] == type(error).__name__
    # The finished laps of the second block, too.
    assert [slice_.block for slice_ in run.slices] == [1, 2]
    assert (run.finished_blocks, run.finished_at) == (1, None)
    assert read_run(tmp_path) == run


def test_a_block_is_finished_when_all_its_groups_are(scripted: Callable[..., tuple[Run, list[str]]]) -> None:
    # 5 and 20 connections, and 20 of pgbench: 25 are enough for two of the three.
    run, told = scripted(None, KeyboardInterrupt(), available=25)
    assert told[:2] == ["block 1.1: slow, fast", f"block 1.2: slow, {CEILING}"]
    assert run.finished_blocks == 0


def test_what_was_finished_is_not_measured_again(run: Run) -> None:
    run.finished_blocks = 2
    assert [group.block for group in planned_groups(run, DETAIL, None, 10, CONTRACT.kinds)] == [3]


def test_the_time_of_a_group_is_that_of_its_turns(run: Run) -> None:
    (group, *_) = planned_groups(run, DETAIL, None, 10, CONTRACT.kinds)
    profile = run.profile
    counted = sum(profile.warm_up_seconds if turn.lap == WARM_UP else profile.slice_seconds for turn in group.turns)
    assert counted < group.seconds < counted + len(group.turns) * 2


def test_contenders_that_fail_are_faults_of_each_block(run: Run, stack: Tiers, tmp_path: Path) -> None:
    short = {"blocks": 2, "warm_up_seconds": 0.5, "slice_seconds": 0.5}
    broken = Variant(description="", command=["sh", "-c", "echo no; exit 3"], workers=1, pool=3)
    run = run.model_copy(
        update={
            "slices": list[Slice](),
            "ceilings": list[Ceiling](),
            "finished_at": None,
            "profile": run.profile.model_copy(update=short),
            "variants": {"slow": broken, "fast": broken},
        }
    )
    told: list[str] = []
    whole = LocalStack(stack, TierOptions(CONTRACT, run.size), CONTRACT)
    to_do = planned_groups(run, DETAIL, whole.available_connections(), whole.most_services, CONTRACT.kinds)
    measure(run, whole, DETAIL, LocustGenerator(), tmp_path, listening(told), to_do)

    assert [(fault.variant, fault.block) for fault in run.faults] == [
        ("slow", 1), ("fast", 1), ("slow", 2), ("fast", 2),
    ]  # fmt: skip
    for fault in run.faults:
        assert isinstance(fault, Fault)
        assert fault.reason.startswith(f"{fault.variant} exited with code 3 at start.")
    # Over as many connections as the variants have.
    assert [ceiling.connections for ceiling in run.ceilings] == [3, 3]
    assert run.ceilings[0].requests_per_second > 0
    assert run.finished_at is not None
    assert read_run(tmp_path) == run
