"""What a load generator saw: counts and latencies of the requests that were answered within the seconds that count."""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from hdrh.histogram import HdrHistogram
from pydantic import BaseModel
from showdown_stack.text import printable, shortened

from showdown.generators.latencies import Histogram, encoded, new_histogram, record
from showdown.generators.timetable import Timetable
from showdown.types import Count, Record

MOST_FAILURE_KINDS = 20
FAILURE_CHARACTERS = 200


# A request that was sent so much after its moment was late.
LATE_SECONDS = 0.001


class Arrivals(Record):
    """Of an entry with a rate: what became of the requests that were meant for the seconds that count."""

    due: Count = 0
    waited: Count = 0
    """No user was free when they were due: there are too few users for this rate and this service."""
    late: Count = 0
    """They were sent late by more than a millisecond, for whatever reason."""
    sent: Count = 0
    unsent: Count = 0
    """They were still waiting for a user in the end."""
    unanswered: Count = 0
    """They were sent, and not answered in the end."""

    @property
    def were_missed(self) -> bool:
        """Whether the rate was not kept."""
        return bool(self.waited or self.unsent or self.unanswered)

    def __str__(self) -> str:
        return (
            f"of {self.due} requests that were due {self.waited} had to wait for a free user, {self.unsent} were never "
            f"sent and {self.unanswered} not answered in the end: more users (-u) would send them in time"
        )


class Window(BaseModel):
    """A part of an entry that has a rate."""

    due: int
    """Requests that were meant for it."""
    histogram: Histogram
    """Latencies of their right answers in µs."""


class Counted(BaseModel):
    """One entry of a timetable, as a generator saw it."""

    measured_seconds: float
    requests: int
    """Sent in this entry and answered within the seconds that count, wrong answers included. Where the entry has a
    rate: meant for the seconds that count, and answered."""
    errors: int
    histogram: Histogram
    """Latencies of right answers in µs."""
    failures: dict[str, int]
    """What was wrong with the errors, and how often."""
    total_requests: int
    """All that were sent in this entry: what the database's own counts are divided by."""
    arrivals: Arrivals | None = None
    """None where the entry has no rate."""
    refused: Histogram | None = None
    """Latencies of answers that said that the service is busy (503); None where there was none."""
    windows: list[Window] = []
    """Of an entry that has windows: all of them, in order."""

    @property
    def requests_per_second(self) -> float:
        """Only right answers count as throughput."""
        return (self.requests - self.errors) / self.measured_seconds if self.measured_seconds else 0.0


class LoadSummary(BaseModel):
    """A whole timetable, as a generator saw it."""

    entries: list[Counted]
    """In the timetable's order."""
    lost_workers: int = 0
    """Of Locust: those whose requests are not all counted, or who left before the end."""


def failure_kind(failure: object) -> str:
    """The failure as text that is safe to print: a client's message may quote the service."""
    return shortened(printable(str(failure), keep=""), FAILURE_CHARACTERS)


@dataclass
class _Window:
    due: int = 0
    histogram: HdrHistogram = field(default_factory=new_histogram)


class EntryMeasurement:
    """Collects the requests of one entry."""

    def __init__(
        self, counted_from: float, counted_to: float, *, has_rate: bool = False, window_seconds: float | None = None
    ) -> None:
        self._from, self._to = counted_from, counted_to
        self._arrivals = Arrivals() if has_rate else None
        self._histogram = new_histogram()
        self._refused: HdrHistogram | None = None
        self._window_seconds = window_seconds
        self._windows: dict[int, _Window] = defaultdict(_Window)
        self._requests = self._errors = self._total = 0
        self._failures: Counter[str] = Counter()

    def due(self, moment: float, has_user: bool) -> None:
        """A request is meant to be sent now."""
        if self._arrivals and self._from <= moment < self._to:
            self._arrivals.due += 1
            if self._window_seconds:
                self._window(moment).due += 1
            self._arrivals.waited += not has_user

    def sent(self, moment: float, late_by: float) -> None:
        """A request that was meant for a moment is sent so many seconds later."""
        if self._arrivals and self._from <= moment < self._to:
            self._arrivals.sent += 1
            self._arrivals.late += late_by > LATE_SECONDS

    def answered(
        self,
        response_time: float,
        exception: BaseException | None,
        moment: float | None = None,
        status: int | None = None,
    ) -> None:
        """A request of this entry is over; `response_time` is in ms and not rounded yet.

        `moment`: for which it was meant. `status`: of its answer, if it has one.
        """
        self._total += 1
        if not self._from <= (time.time() if moment is None else moment) < self._to:
            return
        self._requests += 1
        if exception is None:
            record(self._histogram, response_time)
            if self._window_seconds and moment is not None:
                record(self._window(moment).histogram, response_time)
        else:
            self._errors += 1
            if status == HTTPStatus.SERVICE_UNAVAILABLE:
                self._refused = self._refused or new_histogram()
                record(self._refused, response_time)
            kind = failure_kind(exception)
            if len(self._failures) < MOST_FAILURE_KINDS or kind in self._failures:
                self._failures[kind] += 1

    def left(self) -> None:
        """A request of this entry was sent, and nobody waits for its answer any more."""
        self._total += 1

    def report(self) -> dict[str, Any]:
        """All that was collected, as plain data."""
        return {
            "from": self._from,
            "to": min(self._to, time.time()),
            "histogram": encoded(self._histogram),
            "requests": self._requests,
            "errors": self._errors,
            "total": self._total,
            "failures": dict(self._failures),
            "arrivals": self._arrivals and self._arrivals.model_dump(),
            "refused": self._refused and encoded(self._refused),
            "windows": [(number, each.due, encoded(each.histogram)) for number, each in self._windows.items()],
        }

    def absorb(self, report: Mapping[str, Any]) -> None:
        """Add what another process has collected."""
        self._from, self._to = max(self._from, report["from"]), max(self._to, report["to"])
        self._histogram.decode_and_add(report["histogram"])
        self._requests += report["requests"]
        self._errors += report["errors"]
        self._total += report["total"]
        self._failures.update(report["failures"])
        if theirs := report["arrivals"]:
            ours = self._arrivals.model_dump() if self._arrivals else {}
            self._arrivals = Arrivals(**{name: ours.get(name, 0) + number for name, number in theirs.items()})
        if report["refused"]:
            self._refused = self._refused or new_histogram()
            self._refused.decode_and_add(report["refused"])
        for number, due, histogram in report["windows"]:
            self._windows[number].due += due
            self._windows[number].histogram.decode_and_add(histogram)

    def counted(self) -> Counted:
        """All that was collected and absorbed."""
        return Counted(
            measured_seconds=max(0.0, min(self._to, time.time()) - self._from),
            requests=self._requests,
            errors=self._errors,
            histogram=encoded(self._histogram),
            failures=dict(self._failures),
            total_requests=self._total,
            arrivals=self._arrivals and self._settled(self._arrivals),
            refused=self._refused and encoded(self._refused),
            windows=[
                Window(due=each.due, histogram=encoded(each.histogram)) for _, each in sorted(self._windows.items())
            ],
        )

    def _window(self, moment: float) -> "_Window":
        assert self._window_seconds is not None  # noqa: S101 - there are windows
        return self._windows[int((moment - self._from) / self._window_seconds)]

    def _settled(self, arrivals: Arrivals) -> Arrivals:
        missing = {"unsent": arrivals.due - arrivals.sent, "unanswered": arrivals.sent - self._requests}
        return arrivals.model_copy(update=missing)


class Measurement:
    """Collects requests by the entries that they were sent in; mergeable, for Locust's master only hears of them."""

    def __init__(self) -> None:
        self._entries: list[EntryMeasurement] = []

    def start(self, timetable: Timetable) -> None:
        """The load begins now; what an earlier one in the same process left is forgotten."""
        self._entries = [
            EntryMeasurement(
                entry.counted_from,
                entry.counted_to,
                has_rate=entry.rate is not None and not entry.is_overload,
                window_seconds=entry.window_seconds,
            )
            for entry in timetable
        ]

    def of(self, index: int) -> EntryMeasurement:
        """Where the requests of an entry are collected."""
        return self._entries[index]

    def on_request(
        self, *, response_time: float, exception: BaseException | None, context: Mapping[str, Any], **_: Any
    ) -> None:
        """Listen to Locust's request event, whose context says the entry."""
        entry = self._entries[context["entry"]]
        entry.answered(response_time, exception, context.get("moment"), context.get("status"))

    def report(self) -> list[dict[str, Any]]:
        """All that was collected, as plain data."""
        return [entry.report() for entry in self._entries]

    def absorb(self, reports: list[dict[str, Any]]) -> None:
        """Add what another process has collected of the same timetable."""
        self._entries += [EntryMeasurement(0.0, 0.0) for _ in reports[len(self._entries) :]]
        for entry, report in zip(self._entries, reports, strict=False):
            entry.absorb(report)

    def summary(self, lost_workers: int = 0) -> LoadSummary:
        """All that was collected and absorbed."""
        return LoadSummary(entries=[entry.counted() for entry in self._entries], lost_workers=lost_workers)
