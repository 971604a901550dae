"""Doubts about whether variants did the same work."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from showdown.judge.rows import Row
from showdown.judge.verdicts.verdict import About, Consequence, Verdict

# Statements and rows are counted exactly, but for requests that cross a slice's boundary: a share, and of one request.
# Of the connections of a pool, one may not have been needed.
MOST_OFF, LEAST_OFF = 0.05, {"statements": 0.25, "rows": 0.25, "connections": 1.0}


@dataclass(frozen=True)
class UnequalWork(Verdict):
    """A variant does other work than those that claim to do the same."""

    label = "other work"

    claim: str
    """As the variants' entries call the work."""
    what: str
    """Statements or rows for each request, or connections."""
    own: float
    others: float
    """Of those with the same claim: the median."""

    @property
    def consequence(self) -> Consequence:
        return Consequence.NOTE if self.what == "connections" else Consequence.UNRANKED

    @property
    def seen(self) -> str:
        if self.what == "connections":
            return f"it used {self.own:.0f} connections, the others of claim {self.claim} {self.others:.0f}"
        return f"it had {self.own:.2f} {self.what} for each request, the others of claim {self.claim} {self.others:.2f}"

    @property
    def advice(self) -> str:
        if self.what == "connections":
            return "set the same pool for both, or read the difference as one of pools, too"
        return "mend the variant, or take its claim out of variants.toml: this comparison is not of equal work"


@dataclass(frozen=True)
class UncountedWork(Verdict):
    """Nobody has counted what Postgres did, so that equal work is claimed and not proven."""

    label = "not counted"

    @property
    def consequence(self) -> Consequence:
        return Consequence.NOTE

    @property
    def seen(self) -> str:
        return "Postgres has not counted statements and rows, so that equal work is claimed and not proven"

    @property
    def advice(self) -> str:
        return "have a superuser of the database `CREATE EXTENSION pg_stat_statements`, then measure again"


def verdicts(rows: Sequence[Row]) -> Iterator[Verdict]:
    """Whether work was counted, and where it was equal.

    Of all rows: those of one scenario, on as many service hosts, with the same claim are compared.

    Of a sweep those of one point: from point to point the work may be what changes.
    """
    slices = [one for row in rows for one in row.slices]
    if any(one.requests for one in slices) and not any(one.work for one in slices):
        yield UncountedWork(About())
    alike: dict[tuple[str, int, str, str | None], list[Row]] = {}
    for row in rows:
        if claim := row.run.variants[row.variant].claim:
            point = row.run.point_of(row.variant)
            key = row.scenario, row.service_hosts, claim, point.value if point else None
            alike.setdefault(key, []).append(row)
    for (_, _, claim, _), claimed in alike.items():
        for what in ("statements", "rows", "connections"):
            yield from _unequal(claimed, claim, what)


def _unequal(rows: list[Row], claim: str, what: str) -> Iterator[Verdict]:
    counted = {row.about: amount for row in rows if (amount := _amount(row, what)) is not None}
    if not counted:
        return
    usual = median(counted.values())
    for about, own in counted.items():
        if abs(own - usual) > max(MOST_OFF * usual, LEAST_OFF[what]):
            yield UnequalWork(about, claim, what, own, usual)


def _amount(row: Row, what: str) -> float | None:
    works = [one.work for one in row.slices if one.work]
    if not works:
        return None
    if what == "connections":
        # At a rate, a service uses as many as it needs: that is no difference of pools.
        if any(one.asked_requests_per_second is not None for one in row.slices):
            return None
        return float(max(one.peak_connections for one in works))
    # Slices whose ends were busy count some too many or too few.
    return median(one.statements_per_request if what == "statements" else one.rows_per_request for one in works)
