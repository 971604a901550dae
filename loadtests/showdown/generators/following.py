"""Follows a timetable by the clock, in each process of Locust."""

import time
from collections.abc import Callable
from pathlib import Path

import gevent
from gevent.event import Event
from pydantic import ValidationError

from showdown.generators.timetable import TIMETABLE, Entry, Timetable

POLL_SECONDS = 0.02
# So long at most a user waits before Locust has its turn again, to stop it.
PAUSE_SECONDS = 0.5


class Follower:
    """What one process follows: known from the start, or as soon as there is a file."""

    def __init__(self, on_known: Callable[[Timetable], object]) -> None:
        self._on_known = on_known
        self._timetable: Timetable = []
        self._known = Event()

    def follow(self, timetable: Timetable) -> None:
        """Follow this timetable from now on."""
        self._timetable = timetable
        self._on_known(timetable)
        self._known.set()

    def follow_file(self, path: Path) -> None:
        """Wait for a file and follow what it says; return at the end of its last entry's time."""
        while not path.exists():
            gevent.sleep(POLL_SECONDS)
        try:
            self.follow(TIMETABLE.validate_json(path.read_bytes()))
        except ValidationError as error:
            raise SystemExit(f"locust: {path} is no timetable: {error.errors()[0]['msg']}") from None
        while (left := max((entry.left_at for entry in self._timetable), default=0.0) - time.time()) > 0:
            gevent.sleep(left)

    def next_entry(self, index: int, user: int) -> tuple[int, Entry] | None:
        """The entry after one (-1: the first) in which a user asks, once it has started; None where it has not yet.

        Takes no longer than PAUSE_SECONDS.
        """
        if not self._known.wait(PAUSE_SECONDS):
            return None
        now = time.time()
        for number, entry in enumerate(self._timetable):
            if number > index and entry.end > now and user < entry.users:
                if entry.start - now > PAUSE_SECONDS:
                    gevent.sleep(PAUSE_SECONDS)
                    return None
                gevent.sleep(max(0.0, entry.start - now))
                return number, entry
        gevent.sleep(PAUSE_SECONDS)
        return None
