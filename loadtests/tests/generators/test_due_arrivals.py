"""Arrivals are handed out in order, when they are due; who finds no free user is told."""

import time

import gevent
import pytest
from showdown.generators import due_arrivals
from showdown.generators.due_arrivals import Schedule


def test_arrivals_are_handed_out_when_they_are_due_and_in_order() -> None:
    start = time.time()
    due = [start + number / 100 for number in range(20)]
    told: list[tuple[float, bool]] = []
    schedule = Schedule(iter(due), lambda moment, has_user: told.append((moment, has_user)))
    taken = []
    for _ in due:
        moment = schedule.take()
        assert moment is not None
        assert time.time() >= moment - 0.0001
        taken.append(moment)
    assert taken == due
    assert [moment for moment, _ in told] == due


def test_who_finds_no_free_user_is_told() -> None:
    told: list[bool] = []
    schedule = Schedule(iter([0.0] * 5), lambda _, has_user: told.append(has_user))
    users = [gevent.spawn(schedule.take) for _ in range(2)]
    gevent.joinall(users)
    gevent.sleep(0.01)
    # The first may have been due before either user was there.
    assert told[-3:] == [False] * 3
    assert [schedule.take() for _ in range(3)] == [0.0] * 3


def test_where_nothing_is_due_a_user_is_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due_arrivals, "PAUSE_SECONDS", 0.05)
    schedule = Schedule(iter([time.time() + 3600]), lambda *_: None)
    assert schedule.take() is None
    schedule.stop()
    assert schedule.take() is None
