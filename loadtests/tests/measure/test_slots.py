"""A block's moments are fixed: nothing overlaps, and what counts lies within the load."""

from itertools import pairwise

import pytest
from showdown.generators import pgbench
from showdown.generators.latencies import encoded, new_histogram, record
from showdown.generators.timetable import SETTLE_SECONDS, TAIL_SECONDS
from showdown.measure.results import Run
from showdown.measure.schedule import CEILING, WARM_UP, Turn
from showdown.measure.slots import FIRST_DRAIN_SECONDS, FIRST_WARM_UP_DRAIN_SECONDS, QUIET_SECONDS, Slot, drains, slots
from showdown.requests.scenarios import Profile

PROFILE = Profile(description="", scenarios=["s"], blocks=1, laps=1, users=1, warm_up_seconds=0.5, slice_seconds=2)
TURNS = [Turn(WARM_UP, "s", "a"), Turn(1, "s", "b"), Turn(1, "s", CEILING), Turn(1, "s", "a")]


def planned() -> list[Slot]:
    return slots(TURNS, 100.0, PROFILE, {("a", "s"): 0.4}, 20)


def test_each_turn_begins_when_the_one_before_is_over() -> None:
    found = planned()
    assert found[0].start == 100
    for earlier, later in pairwise(found):
        assert later.start == earlier.over == pytest.approx(earlier.left_at + QUIET_SECONDS)
        assert earlier.counted_to + TAIL_SECONDS < earlier.left_at < later.start


def test_what_counts_is_as_long_as_the_profile_says() -> None:
    found = planned()
    assert [slot.counted_to - slot.counted_from for slot in found] == pytest.approx([0.5, 2, 2, 2])
    assert found[1].counted_from - found[1].start == pytest.approx(SETTLE_SECONDS)


def test_looks_are_spread_over_what_counts_and_none_is_at_its_ends() -> None:
    slot = planned()[1]
    assert [moment - slot.counted_from for moment in slot.looks(4)] == pytest.approx([0.25, 0.75, 1.25, 1.75])


def test_answers_that_are_still_to_come_are_waited_for_as_long_as_they_took_before() -> None:
    a, b, *_ = planned()
    assert a.left_at - a.counted_to - TAIL_SECONDS == pytest.approx(0.4)
    assert b.left_at - b.counted_to - TAIL_SECONDS == pytest.approx(FIRST_DRAIN_SECONDS)


def test_in_a_first_block_a_warm_up_s_answers_are_waited_for_longer() -> None:
    turns = [Turn(lap, "s", "a") for lap in (WARM_UP, 1)]
    warm_up, first = slots(turns, 100.0, PROFILE, {}, 20)
    assert warm_up.left_at - warm_up.counted_to - TAIL_SECONDS == pytest.approx(FIRST_WARM_UP_DRAIN_SECONDS)
    assert first.left_at - first.counted_to - TAIL_SECONDS == pytest.approx(FIRST_DRAIN_SECONDS)


def test_pgbench_has_time_to_start_and_to_end() -> None:
    ceiling = planned()[2]
    assert ceiling.counted_from >= ceiling.start + pgbench.start_seconds(20)
    assert ceiling.left_at >= ceiling.start + pgbench.run_seconds(2, 20) + pgbench.END_SECONDS


@pytest.mark.parametrize(("milliseconds", "seconds"), [(1, 0.1), (400, 0.5), (60_000, 3.0)])
def test_how_long_answers_take_is_known_from_earlier_blocks(run: Run, milliseconds: float, seconds: float) -> None:
    histogram = new_histogram()
    record(histogram, milliseconds, 1000)
    for slice_ in run.slices:
        if slice_.variant == "slow":
            slice_.histogram = encoded(histogram)
    known = drains(run.slices)
    assert known["slow", "recipe-detail"] == pytest.approx(seconds, rel=0.01)
    # 300.8 ms, the fixture's slowest.
    assert known["fast", "recipe-detail"] == pytest.approx(1.25 * 0.3008, rel=0.01)
