"""Users take the next arrival from one schedule.

What they find late is late for the service's client, too, so latency counts from the moment for which a request was
meant.
"""

from collections.abc import Callable, Iterator

import gevent
from gevent.queue import Empty, SimpleQueue

from showdown.generators.alarm import Alarm

# So long at most a user waits before Locust has its turn again, to stop it.
PAUSE_SECONDS = 0.5


class Schedule:
    """Hands out arrivals when they are due."""

    def __init__(self, arrivals: Iterator[float], on_due: Callable[[float, bool], object]) -> None:
        """`on_due` is told each arrival's moment when it is due, and whether a user is free for it."""
        self._arrivals = arrivals
        self._on_due = on_due
        self._due: SimpleQueue = SimpleQueue()
        self._free_users = 0
        self._clock = gevent.spawn(self._run)

    def take(self) -> float | None:
        """The moment of the next arrival, once it is due; None where there was none for PAUSE_SECONDS."""
        self._free_users += 1
        try:
            moment: float = self._due.get(timeout=PAUSE_SECONDS)
        except Empty:
            return None
        finally:
            self._free_users -= 1
        return moment

    def stop(self) -> None:
        """Stop: nothing more is due."""
        self._clock.kill()

    def _run(self) -> None:
        alarm = Alarm()
        try:
            for moment in self._arrivals:
                alarm.wait_until(moment)
                self._on_due(moment, self._due.qsize() < self._free_users)
                self._due.put(moment)
        finally:
            alarm.close()
