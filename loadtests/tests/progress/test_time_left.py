"""The time that is left is that of all turns, and of starting services as long as that took so far."""

import pytest
from showdown.measure.runner import SET_UP_SECONDS, Group
from showdown.progress.time_left import TimeLeft, told


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


GROUPS = [Group(block=block, number=1, contenders=["fast"], turns=[], seconds=30.0) for block in (1, 2, 3)]


def test_before_anything_has_begun_it_is_a_first_guess() -> None:
    left = TimeLeft(GROUPS, Clock())
    assert left.seconds == 3 * (SET_UP_SECONDS + 30.0)
    assert left.share_done == 0.0


def test_what_starting_took_once_it_is_expected_to_take_again() -> None:
    clock = Clock()
    left = TimeLeft(GROUPS, clock)
    left.on_group(GROUPS[0])
    clock.now += 5
    assert left.seconds == pytest.approx(7 + 30 + 2 * (SET_UP_SECONDS + 30))
    left.on_turn()
    assert left.seconds == pytest.approx(30 + 2 * (5 + 30))


def test_starting_that_takes_longer_than_expected_is_never_less_than_nothing() -> None:
    clock = Clock()
    left = TimeLeft(GROUPS[:1], clock)
    left.on_group(GROUPS[0])
    clock.now += 100
    assert left.seconds == 30


def test_turns_pass() -> None:
    clock = Clock()
    left = TimeLeft(GROUPS[:1], clock)
    left.on_group(GROUPS[0])
    left.on_turn()
    for second in range(30):
        assert left.seconds == 30 - second
        clock.now += 1
        left.on_seconds(1.0)
    assert left.seconds == 0
    assert left.share_done == 1.0


def test_a_block_that_was_added_later_is_counted_from_its_beginning() -> None:
    clock = Clock()
    left = TimeLeft(GROUPS[:1], clock)
    left.on_group(GROUPS[0])
    left.on_turn()
    clock.now += 30
    left.on_seconds(30)
    left.on_group(GROUPS[1])
    assert left.seconds == 30
    assert left.share_done == pytest.approx(0.5)


@pytest.mark.parametrize(("seconds", "words"), [(0, "0 s"), (89.4, "89 s"), (90, "2 min"), (600, "10 min")])
def test_it_is_told_as_exactly_as_it_is_known(seconds: float, words: str) -> None:
    assert told(seconds) == words
