"""Users go by the clock from one entry to the next, and nobody is where nothing is asked."""

import time
from pathlib import Path

import gevent
import pytest
from showdown.generators import following
from showdown.generators.following import Follower
from showdown.generators.timetable import Entry, Timetable, write_timetable


def entry(start: float, end: float, users: int = 10) -> Entry:
    return Entry(start, start, end, end, end, f"http://127.0.0.1:{users}", "healthz", users, "seed")


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> float:
    """The follower does not wait long, for what never comes."""
    monkeypatch.setattr(following, "PAUSE_SECONDS", 0.05)
    return time.time()


def following_(timetable: Timetable) -> Follower:
    follower = Follower(lambda _: None)
    follower.follow(timetable)
    return follower


def test_an_entry_that_is_under_way_is_entered_at_once(now: float) -> None:
    under_way = entry(now - 1, now + 60)
    assert following_([entry(now - 3, now - 2), under_way]).next_entry(-1, 0) == (1, under_way)


def test_one_that_is_about_to_start_is_waited_for(now: float) -> None:
    soon = entry(now + 0.03, now + 60)
    assert following_([soon]).next_entry(-1, 0) == (0, soon)
    assert time.time() >= soon.start


@pytest.mark.parametrize("timetable", [[], ["later"], ["over"], ["few"]])
def test_where_there_is_none_locust_has_its_turn(now: float, timetable: list[str]) -> None:
    entries = {"later": entry(now + 60, now + 62), "over": entry(now - 2, now - 1), "few": entry(now - 1, now + 60, 3)}
    assert following_([entries[name] for name in timetable]).next_entry(-1, 3) is None


def test_nobody_enters_twice(now: float) -> None:
    follower = following_([entry(now - 1, now + 60)])
    assert follower.next_entry(0, 0) is None


def test_a_file_is_waited_for_and_followed_to_its_end(now: float, tmp_path: Path) -> None:
    known: list[Timetable] = []
    follower = Follower(known.append)
    path = tmp_path / "timetable.json"
    waiting = gevent.spawn(follower.follow_file, path)
    assert follower.next_entry(-1, 0) is None
    timetable = [entry(now, time.time() + 0.2)]
    write_timetable(path, timetable)
    waiting.get(timeout=30)
    assert known == [timetable]
    assert time.time() >= timetable[-1].left_at


def test_a_file_that_is_no_timetable_is_told(tmp_path: Path) -> None:
    (tmp_path / "timetable.json").write_text("{}")
    with pytest.raises(SystemExit, match=r"locust: .*timetable\.json is no timetable: "):
        Follower(lambda _: None).follow_file(tmp_path / "timetable.json")
