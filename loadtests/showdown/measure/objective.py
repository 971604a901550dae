"""What is promised of latency, and whether a slice keeps it."""

import re
from dataclasses import dataclass

from showdown_contract.errors import ShowdownError

from showdown.generators.latencies import decoded
from showdown.measure.results import Slice

FORM = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(ms|s)")
LEAST_MS, MOST_MS = 0.1, 5_000.0


@dataclass(frozen=True)
class Objective:
    """99% of all requests that were due have a right answer in so many milliseconds."""

    p99_ms: float

    def is_kept(self, slice_: Slice) -> bool:
        """Of a slice with a rate. What has no answer, or a wrong one, is too late."""
        assert slice_.arrivals is not None  # noqa: S101 - there is a rate
        latencies = decoded(slice_.histogram)
        needed = 99 * slice_.arrivals.due
        if not needed or needed > 100 * latencies.total_count:
            return False
        within: int = latencies.get_value_at_percentile(needed / latencies.total_count)
        return within <= self.p99_ms * 1000

    def __str__(self) -> str:
        return f"p99 ≤ {self.p99_ms:g} ms"


def parsed_objective(text: str) -> Objective:
    """Of what `--p99` was given. Raises ShowdownError."""
    found = FORM.fullmatch(text.strip())
    if not found:
        raise ShowdownError(f"--p99 {text!r} is no latency: say 50ms, or 0.2s")
    milliseconds = float(found[1]) * (1000 if found[2] == "s" else 1)
    if not LEAST_MS <= milliseconds <= MOST_MS:
        raise ShowdownError(f"--p99 {text.strip()} is out of bounds: from {LEAST_MS:g}ms to {MOST_MS:g}ms can be kept")
    return Objective(milliseconds)
