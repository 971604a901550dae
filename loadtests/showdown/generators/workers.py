"""Sends what Locust's workers have measured to their master after the last user of each has stopped.

By default, the master tells its workers to quit and waits half a second. Users whose answers take
longer are not done by then, and only Postgres would count their requests.
"""

from typing import Any

import gevent
from locust.rpc import Message
from locust.runners import MasterRunner, WorkerRunner

from showdown.generators.measurement import Measurement

FINISH, REPORT = "showdown-finish", "showdown-report"
# In addition to --stop-timeout. Locust considers a worker missing after four silent seconds.
GRACE_SECONDS = 6.0
POLL_SECONDS = 0.02


def report_when_stopped(worker: WorkerRunner, measurement: Measurement) -> None:
    """Send what a worker has measured to its master, once its last user has stopped."""
    events = worker.environment.events
    worker.register_message(FINISH, lambda **_: worker.stop())
    events.test_stop.add_listener(lambda **_: worker.send_message(REPORT, {"entries": measurement.report()}))
    # Before Locust's own listener, after which the master no longer knows this worker.
    events.quitting.add_listener(lambda **_: worker.stop())


class Reports:
    """The reports of a master's workers."""

    def __init__(self, master: MasterRunner, expected_workers: int) -> None:
        self._master = master
        self._expected = expected_workers
        self._loading: set[str] = set()
        self._reports: dict[str, dict[str, Any]] = {}
        master.register_message(REPORT, self._receive)
        events = master.environment.events
        events.test_start.add_listener(lambda **_: self._reports.clear())
        events.test_stopping.add_listener(self._note_who_loads)
        events.test_stop.add_listener(self._collect)

    def absorbed_by(self, measurement: Measurement) -> int:
        """Add all reports to a measurement. Returns how many workers are lost: silent, or gone before the end."""
        for report in self._reports.values():
            measurement.absorb(report["entries"])
        return max(self._expected, len(self._loading)) - len(self._loading & self._reports.keys())

    def _receive(self, msg: Message, **_: Any) -> None:
        self._reports[msg.node_id] = msg.data

    def _note_who_loads(self, **_: Any) -> None:
        # When the web UI stops a test, Locust removes its workers from the list before the test has stopped.
        self._loading = set(self._master.clients)

    def _collect(self, **_: Any) -> None:
        self._master.send_message(FINISH)
        with gevent.Timeout(self._master.environment.stop_timeout + GRACE_SECONDS, exception=False):
            while self._awaited():
                gevent.sleep(POLL_SECONDS)

    def _awaited(self) -> set[str]:
        clients = self._master.clients
        missing = {client.id for client in clients.missing}
        return (self._loading & clients.keys()) - missing - self._reports.keys()
