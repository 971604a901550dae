"""What bounds a row: a tier at its limit, or the upstream's own time."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean

from showdown.judge.rows import Row
from showdown.judge.verdicts.verdict import Consequence, Verdict

# Shares. No tier is ever busy on all of its cores: it waits for others now and then.
AT_LIMIT, MOSTLY = 0.9, 0.5
MACHINE = "the machine"


@dataclass(frozen=True)
class TierAtItsLimit(Verdict):
    """The row would be faster with more of this."""

    tier: str
    """Its name, or MACHINE, on which all tiers were."""
    cores: float
    """That it was busy on."""
    of: float
    """That it can use."""
    most: tuple[tuple[str, float], ...] = ()
    """Of the machine: who used most, and how much."""

    label = "CPU-bound"

    @property
    def consequence(self) -> Consequence:
        return Consequence.NOTE

    @property
    def seen(self) -> str:
        users = "".join(f", {tier} on {cores:.2f}" for tier, cores in self.most)
        return f"{self.tier} was busy on {self.cores:.2f} of its {self.of:g} cores{users}: this bounds the row"

    @property
    def advice(self) -> str:
        if self.tier == MACHINE:
            return "compare CPU a request first: it says who would gain from a host for each tier"
        return f"more cores or workers for {self.tier} would make it faster"


@dataclass(frozen=True)
class DatabaseAtItsLimit(Verdict):
    """No service can be faster than the statement that it executes."""

    label = "database-bound"

    requests_per_second: float
    ceiling: float
    """Of pgbench, which executes the same statement without a service."""

    @property
    def consequence(self) -> Consequence:
        return Consequence.NOTE

    @property
    def seen(self) -> str:
        share = self.requests_per_second / self.ceiling
        return (
            f"its {self.requests_per_second:,.0f} req/s are {share:.0%} of what pgbench does with as many connections "
            "or more: Postgres bounds the row"
        )

    @property
    def advice(self) -> str:
        return "with as many connections only a cheaper statement or a larger database would make it faster"


@dataclass(frozen=True)
class WaitsForUpstream(Verdict):
    """In a closed loop more users would get more."""

    label = "upstream-bound"

    users: int
    upstream_ms: float
    """What the slowest of its calls takes on average."""
    latency_ms: float

    @property
    def consequence(self) -> Consequence:
        return Consequence.NOTE

    @property
    def seen(self) -> str:
        most = self.users / self.upstream_ms * 1000
        return (
            f"of {self.latency_ms:.0f} ms of mean latency it waited {self.upstream_ms:.0f} for the upstream, so that "
            f"its {self.users} users get {most:,.0f} req/s at most"
        )

    @property
    def advice(self) -> str:
        return "compare CPU a request, or let requests arrive at a rate (--rate)"


def verdicts(row: Row) -> Iterator[Verdict]:
    """Of one row."""
    yield from _database(row)
    yield from tiers_at_their_limits(row)
    yield from _upstream(row)


def _upstream(row: Row) -> Iterator[Verdict]:
    run, latency = row.run, row.mean_latency_seconds
    calls = [behaviour.mean_ms for behaviour in run.upstream.get(row.scenario, {}).values()]
    counted = [one.upstream for one in row.slices if one.upstream]
    # Of a mix of requests only some might wait.
    all_call = counted and sum(one.requests for one in counted) >= len(calls) * sum(
        one.service_requests for one in counted
    )
    if run.rate is None and calls and all_call and latency and max(calls) >= MOSTLY * latency * 1000:
        yield WaitsForUpstream(row.about, run.users_of(row.variant) * row.service_hosts, max(calls), latency * 1000)


def _database(row: Row) -> Iterator[Verdict]:
    ceilings = [one.requests_per_second for one in row.run.ceilings if one.scenario == row.scenario]
    # On several hosts it has the connections of the most. With latency to Postgres it waits for that, too.
    if ceilings and not row.run.latency_ms.get(row.scenario) and row.service_hosts == max(row.run.service_hosts):
        ceiling = fmean(ceilings)
        if row.requests_per_second >= AT_LIMIT * ceiling > 0:
            yield DatabaseAtItsLimit(row.about, row.requests_per_second, ceiling)


def tiers_at_their_limits(row: Row) -> Iterator[TierAtItsLimit]:
    """Of one row, whose CPU bounds it; or the machine's, where all tiers are on one."""
    run = row.run
    used = row.used_cores
    if run.stack == "local":
        limits = row.usable_cores
        total = sum(used.values())
        if total >= AT_LIMIT * run.machine.cores:
            most = tuple(sorted(used.items(), key=lambda item: -item[1])[:2])
            yield TierAtItsLimit(row.about, MACHINE, total, run.machine.cores, most)
            return
    else:
        limits = {
            tier: sum(host.machine.cores for host in run.hosts if host.tier == tier and host.machine) for tier in used
        }
        limits["service"] = row.service_hosts * row.usable_cores["service"]
    # Of the generator there are verdicts of its own.
    limits.pop("generator", None)
    for tier, limit in limits.items():
        if limit and used.get(tier, 0.0) >= AT_LIMIT * limit:
            yield TierAtItsLimit(row.about, tier, used[tier], limit)
