"""Doubts about what a service answered."""

from collections.abc import Iterator
from dataclasses import dataclass

from showdown.judge.rows import Row
from showdown.judge.verdicts.verdict import Consequence, Verdict

# As the generators call it: Locust, and oha of its samples.
WRONG_BODY = frozenset({"wrong body", "sampled: wrong body"})
# A service that fails more often does less work than the others.
MOST_ERRORS = 0.01
SHOWN_KINDS = 3


@dataclass(frozen=True)
class Errors(Verdict):
    """Requests without a right answer, wrong bodies excepted."""

    label = "errors"

    errors: int
    requests: int
    kinds: tuple[tuple[str, int], ...]
    """What was wrong, and how often; the most frequent first."""

    @property
    def consequence(self) -> Consequence:
        return Consequence.UNRANKED if self.errors > MOST_ERRORS * self.requests else Consequence.NOTE

    @property
    def seen(self) -> str:
        kinds = ", ".join(f"{count:,} × {kind}" for kind, count in self.kinds[:SHOWN_KINDS])
        return f"{self.errors:,} of {self.requests:,} requests failed ({kinds})"

    @property
    def advice(self) -> str:
        return "look for the cause in the service's log, in the run's folder"


@dataclass(frozen=True)
class WrongBodies(Verdict):
    """Answers that are not what the contract says: fast or slow, it is not the work that was asked for."""

    label = "wrong bodies"

    wrong: int
    requests: int

    @property
    def consequence(self) -> Consequence:
        return Consequence.REFUSED

    @property
    def seen(self) -> str:
        return f"{self.wrong:,} of {self.requests:,} answers had a wrong body"

    @property
    def advice(self) -> str:
        return f"`showdown verify --variants {self.about.variant}` shows where its answers differ from the contract"


def verdicts(row: Row) -> Iterator[Verdict]:
    """Of one row."""
    failures = row.failures
    wrong = sum(count for kind, count in failures.items() if kind in WRONG_BODY)
    if wrong:
        yield WrongBodies(row.about, wrong, row.requests)
    if row.errors > wrong:
        kinds = tuple((kind, count) for kind, count in failures.most_common() if kind not in WRONG_BODY)
        yield Errors(row.about, row.errors - wrong, row.requests, kinds)
