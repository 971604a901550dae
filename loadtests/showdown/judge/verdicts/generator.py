"""Doubts about the generator: whether it was what was measured."""

from collections.abc import Iterator
from dataclasses import dataclass

from showdown.generators.measurement import Arrivals
from showdown.judge.rows import Row
from showdown.judge.verdicts.verdict import Consequence, Verdict

# Shares of what the generator can do at most. Above the first it may slow the service, above the second it is what
# bounds the row.
CLOSE_TO_CEILING, AT_CEILING = 0.7, 0.9
# The same of the cores that its processes can use, where its ceiling was not measured.
BUSY, FULL = 0.85, 0.95
LEAST_OF_ASKED = 0.98
MOST_LATE = 0.05
MOST_OFF_LITTLE, MOST_OFF_LITTLE_RANKED = 0.05, 0.25
# Of a slice: a latency that would reach beyond its end is not seen.
LONG_LATENCY = 0.1


@dataclass(frozen=True)
class GeneratorNearCeiling(Verdict):
    """A faster service could not have been told from this one."""

    label = "generator"

    requests_per_second: float
    ceiling: float
    """What the same generator reaches against a service that does no work, by the same path."""

    @property
    def consequence(self) -> Consequence:
        return Consequence.UNRANKED if self.requests_per_second >= AT_CEILING * self.ceiling else Consequence.NOTE

    @property
    def seen(self) -> str:
        share = self.requests_per_second / self.ceiling
        return f"its {self.requests_per_second:,.0f} req/s are {share:.0%} of what the generator can do at most"

    @property
    def advice(self) -> str:
        return "read it as a lower bound; more processes or hosts for the generator, or --generator oha, raise it"


@dataclass(frozen=True)
class BusyGenerator(Verdict):
    """The same, told by CPU time, for the generator's ceiling was not measured."""

    label = "generator"

    cores: float
    processes: int

    @property
    def consequence(self) -> Consequence:
        return Consequence.UNRANKED if self.cores >= FULL * self.processes else Consequence.NOTE

    @property
    def seen(self) -> str:
        return f"the generator was busy on {self.cores:.2f} of the {self.processes} cores that it can use"

    @property
    def advice(self) -> str:
        return "read it as a lower bound; more processes or hosts for the generator, or --generator oha, raise it"


@dataclass(frozen=True)
class RateMissed(Verdict):
    """Fewer requests than there should have been: the rest waited, or was never sent."""

    label = "rate missed"

    asked: float
    achieved: float

    @property
    def consequence(self) -> Consequence:
        return Consequence.UNRANKED

    @property
    def seen(self) -> str:
        return f"{self.achieved:,.0f} of the {self.asked:,.0f} req/s that were asked for were answered rightly"

    @property
    def advice(self) -> str:
        return "ask for a lower rate: above its capacity the latencies tell how long the run was, not how fast it is"


@dataclass(frozen=True)
class ArrivalsWaited(Verdict):
    """Requests were not sent when they were due, though their latency counts from then on."""

    label = "waited"

    due: int
    waited: int
    """For a user: all were waiting for answers."""
    late: int
    """Those among them, and those for which the generator had no time."""
    unanswered: int
    """When nobody waited for an answer any more; never sent, or sent in vain."""

    @property
    def consequence(self) -> Consequence:
        return Consequence.NOTE

    @property
    def seen(self) -> str:
        return (
            f"of {self.due:,} requests that were due {self.waited:,} had to wait for a free user, {self.late:,} were "
            f"sent more than a millisecond late, and {self.unanswered:,} had no answer in the end"
        )

    @property
    def advice(self) -> str:
        if self.waited or self.unanswered:
            return "latencies count from when a request was due, but the service had fewer at once than it would have"
        return "the generator had too little time: its own delay is in these latencies, so ask for a lower rate"


@dataclass(frozen=True)
class LittlesLaw(Verdict):
    """In a closed loop the users are as many as rate × latency (J. D. C. Little, Operations Research 9, 1961)."""

    label = "Little's law"

    users: int
    requests_per_second: float
    mean_latency_seconds: float
    slice_seconds: float

    @property
    def off(self) -> float:
        """The share of the users that rate × latency has too many or, below 0, too few."""
        return self.requests_per_second * self.mean_latency_seconds / self.users - 1

    @property
    def consequence(self) -> Consequence:
        return Consequence.UNRANKED if abs(self.off) > MOST_OFF_LITTLE_RANKED else Consequence.NOTE

    @property
    def seen(self) -> str:
        product = self.requests_per_second * self.mean_latency_seconds
        return (
            f"{self.requests_per_second:,.0f} req/s × {self.mean_latency_seconds * 1000:.2f} ms of mean latency "
            f"are {product:,.1f} requests under way, not the {self.users:,} of its users"
        )

    @property
    def advice(self) -> str:
        if self.mean_latency_seconds > LONG_LATENCY * self.slice_seconds:
            return f"measure it in longer slices: latencies that reach beyond {self.slice_seconds:g} s are not seen"
        if self.off < 0:
            return "users spent time in the generator and not in requests: trust its latencies less than its throughput"
        return "latencies were counted that do not belong to the measured time: trust them less than the throughput"


def verdicts(row: Row) -> Iterator[Verdict]:
    """Of one row."""
    run = row.run
    ceilings = {one.scenario: one.requests_per_second for one in run.generator_ceiling}
    ceiling, cores = ceilings.get(row.scenario), row.cores("generator")
    if ceiling:
        # One generator serves all service hosts.
        if row.requests_per_second >= CLOSE_TO_CEILING * ceiling:
            yield GeneratorNearCeiling(row.about, row.requests_per_second, ceiling)
    # oha is not bound to one core for each process.
    elif run.generator == "locust" and cores is not None and cores >= BUSY * run.generator_processes:
        yield BusyGenerator(row.about, cores, run.generator_processes)
    asked = [one.asked_requests_per_second for one in row.slices if one.asked_requests_per_second is not None]
    arrivals = [one.arrivals for one in row.slices if one.arrivals]
    if arrivals and row.seconds:
        # By chance more or fewer may be due than on average.
        yield from _rate_missed(row, sum(one.due for one in arrivals) / row.seconds)
        yield from _waited(row, arrivals)
    elif asked:
        yield from _rate_missed(row, sum(asked) / len(asked))
    else:
        yield from _littles_law(row)


def _rate_missed(row: Row, asked: float) -> Iterator[Verdict]:
    right = row.requests_per_second - row.errors / row.seconds if row.seconds else 0.0
    if right < LEAST_OF_ASKED * asked:
        yield RateMissed(row.about, asked, right)


def _waited(row: Row, arrivals: list[Arrivals]) -> Iterator[Verdict]:
    due, late = sum(one.due for one in arrivals), sum(one.late for one in arrivals)
    if any(one.were_missed for one in arrivals) or late > MOST_LATE * due:
        unanswered = sum(one.unsent + one.unanswered for one in arrivals)
        yield ArrivalsWaited(row.about, due, sum(one.waited for one in arrivals), late, unanswered)


def _littles_law(row: Row) -> Iterator[Verdict]:
    # The latency of a wrong answer is not kept.
    if row.errors or (latency := row.mean_latency_seconds) is None:
        return
    users = row.run.users_of(row.variant) * row.service_hosts
    found = LittlesLaw(row.about, users, row.requests_per_second, latency, row.seconds / len(row.slices))
    if abs(found.off) > MOST_OFF_LITTLE:
        yield found
