"""What clients saw of a span: pure functions of the log of arrivals."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import Field

from showdown.generators.arrival_log import DEADLINE_SECONDS, Arrived
from showdown.types import Amount, Count, Line, Record

NO_ANSWER, UNSENT, WRONG_BODY = "no answer", "not sent", "wrong body"
# Until so shortly before the end, a failure leaves open whether answers have become right again.
QUIET_SECONDS = 0.5


class Seen(Record):
    """The requests of one span."""

    requests: Count
    failed: Annotated[dict[Line, Count], Field(max_length=1_000)]
    """By what was wrong: a status, "no answer", "wrong body", "not sent"; late answers count as no answer, too."""
    wrong_bodies: Count
    hung: Count
    """Without an answer when their deadline was over."""
    worst_ms: Amount | None
    """The longest that a right answer took, from when its request was due; None where none was right."""
    first_failed_seconds: Amount | None
    """When the first request was due that failed, after the first of all; None where none failed."""
    last_failed_seconds: Amount | None

    @property
    def failures(self) -> int:
        """Of all kinds."""
        return sum(self.failed.values())


def seen(arrivals: Sequence[Arrived], start: float) -> Seen:
    """`start`: when the first request is due."""
    failed = [each for each in arrivals if each.failure is not None]
    kinds = Counter(map(what_failed, failed))
    right = [1_000 * (each.ended - each.due) for each in arrivals if each.failure is None]
    return Seen(
        requests=len(arrivals),
        failed=dict(sorted(kinds.items())),
        wrong_bodies=kinds[WRONG_BODY],
        hung=sum(map(is_hung, arrivals)),
        worst_ms=max(right, default=None),
        first_failed_seconds=min((max(0.0, each.due - start) for each in failed), default=None),
        last_failed_seconds=max((max(0.0, each.due - start) for each in failed), default=None),
    )


def what_failed(arrived: Arrived) -> str:
    """In a word or two."""
    if arrived.sent is None:
        return UNSENT
    if arrived.status is None:
        return NO_ANSWER
    return WRONG_BODY if arrived.failure == WRONG_BODY else str(arrived.status)


def is_hung(arrived: Arrived) -> bool:
    """Whether nothing had come when its deadline was over."""
    return arrived.sent is not None and arrived.status is None and arrived.ended - arrived.sent >= DEADLINE_SECONDS


def recovered_seconds(faulted: Seen, over_at_seconds: float, span_seconds: float) -> float | None:
    """From the end of the fault until the last request was due that failed; None where some failed until the end."""
    if faulted.last_failed_seconds is None:
        return 0.0
    if faulted.last_failed_seconds > span_seconds - QUIET_SECONDS:
        return None
    return max(0.0, faulted.last_failed_seconds - over_at_seconds)


def failed_before(arrivals: Iterable[Arrived], moment: float) -> int:
    """How many requests had failed before a moment, in seconds since 1970."""
    return sum(1 for each in arrivals if each.failure is not None and each.ended < moment)
