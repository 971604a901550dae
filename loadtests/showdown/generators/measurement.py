"""What a load generator measured: counts and latencies of the requests that ended within the measured seconds."""

import time
from collections import Counter
from typing import Any

from hdrh.histogram import HdrHistogram
from pydantic import BaseModel
from showdown_stack.text import printable, shortened

from showdown.types import Amount

# Latencies are kept in µs from 1 µs to 60 s, to three significant digits.
LOWEST_US, HIGHEST_US, DIGITS = 1, 60_000_000, 3
MOST_FAILURE_KINDS = 20
FAILURE_CHARACTERS = 200


class Latency(BaseModel):
    """Milliseconds, of right answers only."""

    p50: Amount
    p90: Amount
    p95: Amount
    p99: Amount
    max: Amount


class LoadSummary(BaseModel):
    """One generator's measurement of one round."""

    measured_from: float
    """Seconds since 1970."""
    measured_to: float
    measured_seconds: float
    """The divisor for throughput: the time that the generator itself counts."""
    requests: int
    """Requests that ended within the measured seconds, including wrong answers."""
    errors: int
    latency_ms: Latency
    failures: dict[str, int]
    """Each kind of failure, and how often it occurred."""
    total_requests: int
    """All requests sent, including the warm-up: the divisor for the database's own counts."""
    lost_workers: int = 0
    """Locust workers that left early or did not report all their requests."""

    @property
    def requests_per_second(self) -> float:
        """Only right answers count as throughput."""
        return (self.requests - self.errors) / self.measured_seconds if self.measured_seconds else 0.0


def failure_kind(failure: object) -> str:
    """The failure as text that is safe to print: a client's message may quote the service."""
    return shortened(printable(str(failure), keep=""), FAILURE_CHARACTERS)


class Measurement:
    """Collects requests. Can be merged, because Locust's master has only what its workers report."""

    def __init__(self, warm_up_seconds: float, measure_seconds: float) -> None:
        """If `measure_seconds` is 0, measure until the end."""
        self._warm_up = warm_up_seconds
        self._measure = measure_seconds
        self._from = self._to = 0.0
        self._clear()

    def _clear(self) -> None:
        self._histogram = HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)
        self._requests = self._errors = self._total = 0
        self._failures: Counter[str] = Counter()

    def start(self) -> None:
        """The load begins now. Forget what an earlier load in the same process has left."""
        self._clear()
        self._from = time.time() + self._warm_up
        self._to = self._from + self._measure if self._measure else float("inf")

    def on_request(self, *, response_time: float, exception: BaseException | None, **_: Any) -> None:
        """Listen to Locust's request event; `response_time` is in ms, not rounded."""
        self._total += 1
        if not self._from <= time.time() < self._to:
            return
        self._requests += 1
        if exception is None:
            self._histogram.record_value(max(LOWEST_US, round(response_time * 1000)))
        else:
            self._errors += 1
            kind = failure_kind(exception)
            if len(self._failures) < MOST_FAILURE_KINDS or kind in self._failures:
                self._failures[kind] += 1

    def report(self) -> dict[str, Any]:
        """All that was collected, as plain data."""
        return {
            "from": self._from,
            "to": min(self._to, time.time()),
            "histogram": self._histogram.encode().decode(),
            "requests": self._requests,
            "errors": self._errors,
            "total": self._total,
            "failures": dict(self._failures),
        }

    def absorb(self, report: dict[str, Any]) -> None:
        """Add what another process has collected."""
        self._from, self._to = max(self._from, report["from"]), max(self._to, report["to"])
        self._histogram.decode_and_add(report["histogram"])
        self._requests += report["requests"]
        self._errors += report["errors"]
        self._total += report["total"]
        self._failures.update(report["failures"])

    def summary(self) -> LoadSummary:
        """All that was collected and absorbed."""
        measured_to = min(self._to, time.time())
        return LoadSummary(
            measured_from=self._from,
            measured_to=measured_to,
            measured_seconds=max(0.0, measured_to - self._from),
            requests=self._requests,
            errors=self._errors,
            latency_ms=self._latency(),
            failures=dict(self._failures),
            total_requests=self._total,
        )

    def _latency(self) -> Latency:
        percentiles = [50, 90, 95, 99, 100]
        if self._histogram.total_count == 0:
            return Latency(p50=0, p90=0, p95=0, p99=0, max=0)
        values = self._histogram.get_percentile_to_value_dict(percentiles)
        p50, p90, p95, p99, longest = (values[percentile] / 1000 for percentile in percentiles)
        return Latency(p50=p50, p90=p90, p95=p95, p99=p99, max=longest)
