"""Arrivals are handed out in order, when they are due; who finds no free user is told."""

import time

import gevent
import pytest
from showdown.generators import schedule
from showdown.generators.schedule import Schedule


def test_arrivals_are_handed_out_when_they_are_due_and_in_order() -> None:
    start = time.time()
    due = [start + number / 100 for number in range(20)]
    told: list[tuple[float, bool]] = []
    made = Schedule(iter(due), lambda moment, has_user: told.append((moment, has_user)))
    taken = []
    for _ in due:
        moment = made.take()
        assert moment is not None
        assert time.time() >= moment - 0.0001
        taken.append(moment)
    assert taken == due
    assert [moment for moment, _ in told] == due


def test_who_finds_no_free_user_is_told() -> None:
    told: list[bool] = []
    made = Schedule(iter([0.0] * 5), lambda _, has_user: told.append(has_user))
    users = [gevent.spawn(made.take) for _ in range(2)]
    gevent.joinall(users)
    gevent.sleep(0.01)
    # The first may have been due before either user was there.
    assert told[-3:] == [False] * 3
    assert [made.take() for _ in range(3)] == [0.0] * 3


def test_where_nothing_is_due_a_user_is_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "PAUSE_SECONDS", 0.05)
    made = Schedule(iter([time.time() + 3600]), lambda *_: None)
    assert made.take() is None
    made.stop()
    assert made.take() is None
