"""`--until` adds blocks one by one, until the rule is content or the time is over."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from showdown.contract.contract import load_contract
from showdown.measure.more_blocks import MoreBlocks, no_more
from showdown.measure.plan import Until
from showdown.measure.results import Run
from showdown.measure.runner import planned_groups
from showdown.requests.scenarios import MOST_BLOCKS

CONTRACT = load_contract()
DETAIL = {"recipe-detail": CONTRACT.scenarios.scenarios["recipe-detail"]}


def adding(clock: Iterator[float], enough: Callable[[Run], bool] = lambda _: False) -> MoreBlocks:
    """Blocks for ten minutes at most."""
    return MoreBlocks(
        until=Until(0.03, most_minutes=10),
        is_enough=enough,
        planned=lambda run: planned_groups(run, DETAIL, None, 10, CONTRACT.kinds),
        clock=lambda: next(clock),
    )


@pytest.fixture
def begun(run: Run) -> Run:
    """Its first block is over."""
    run.profile.blocks = run.finished_blocks = 1
    return run


def finished(run: Run, more: MoreBlocks) -> list[int]:
    """The blocks that are added to a run; each gives what the first has given."""
    added = []
    while groups := more(run):
        assert {group.block for group in groups} == {run.profile.blocks}
        run.finished_blocks = groups[-1].block
        added.append(run.finished_blocks)
        run.slices.append(run.slices[0].model_copy(update={"block": run.finished_blocks}))
    return added


def test_blocks_are_added_until_the_rule_is_content(begun: Run) -> None:
    assert finished(begun, adding(count(0, 1), lambda run: run.finished_blocks == 5)) == [2, 3, 4, 5]
    assert begun.profile.blocks == 5


def test_no_block_begins_that_would_end_after_the_time(begun: Run) -> None:
    # Two minutes each: the fifth ends just in time.
    assert finished(begun, adding(count(0, 120.0))) == [2, 3, 4, 5]


def test_the_longest_block_says_how_long_the_next_may_take(begun: Run) -> None:
    assert finished(begun, adding(iter([0.0, 300.0, 310.0]))) == [2]


def test_a_block_that_gave_nothing_is_the_last(begun: Run) -> None:
    begun.slices = []
    assert adding(count(0, 1))(begun) == []


def test_there_is_an_end_to_blocks(begun: Run) -> None:
    begun.finished_blocks = MOST_BLOCKS
    assert adding(count(0, 1))(begun) == []


def test_without_it_nothing_is_added(begun: Run) -> None:
    assert no_more(begun) == []
