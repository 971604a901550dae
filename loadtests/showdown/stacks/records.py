"""What results.json stores about tiers and hosts."""

from typing import Literal, Self

from showdown_stack.haproxy import Totals
from showdown_stack.link import LinkCounters
from showdown_stack.upstream import Counters

from showdown.types import Amount, Count, Line, Record

StackKind = Literal["local", "terraform", "hosts"]
"""This machine, hosts that Terraform has made, or those of an inventory."""
TierName = Literal["generator", "haproxy", "service", "pgbouncer", "postgres", "upstream", "link"]


class TierUsage(Record):
    """What one tier cost during a slice, children included. None: this machine does not tell."""

    cpu_us_per_request: Amount | None
    """CPU time divided by requests, both within the measured seconds. None if no request was answered."""
    system_cpu_us_per_request: Amount | None = None
    """What of it the kernel used for the tier; None where nobody asked."""
    peak_cpu_percent: Amount
    """Of one core, over any second; of a shorter slice its mean."""
    peak_host_cpu_percent: Amount | None = None
    """The same for the busiest of its hosts; None on one machine."""
    peak_rss_mib: Amount
    """Resident memory summed over the tier's processes: shared pages count once for each process."""
    peak_fds: Count | None
    """Open file descriptors."""
    peak_connections: Count | None
    """Established TCP connections."""


class Proxy(Record):
    """What haproxy counted within a slice."""

    responses: Count
    server_errors: Count
    connection_errors: Count
    most_queued: Count
    """Requests that waited for one of the server's places, at the worst."""

    @classmethod
    def between(cls, before: Totals, after: Totals) -> Self:
        """What was added, where maxima have been forgotten before."""
        return cls(
            responses=after.responses - before.responses,
            server_errors=after.server_errors - before.server_errors,
            connection_errors=after.connection_errors - before.connection_errors,
            most_queued=after.most_queued,
        )


class Upstream(Record):
    """What the upstream counted for all requests of a slice, those outside of the measured seconds included."""

    service_requests: Count
    """How many were sent to the service."""
    requests: Count
    """How many the service sent to the upstream for them."""
    cancelled: Count
    """Of these, how many it gave up before their answer."""
    handshakes: Count
    """TLS handshakes, resumed ones included."""
    resumed: Count
    connections_opened: Count
    connections_open: Count
    """In the end, those of all variants."""

    @classmethod
    def between(cls, before: Counters, after: Counters, service_requests: int) -> Self:
        """What was added."""
        return cls(
            service_requests=service_requests,
            requests=after.requests - before.requests,
            cancelled=after.cancelled - before.cancelled,
            handshakes=after.handshakes - before.handshakes,
            resumed=after.resumed - before.resumed,
            connections_opened=after.connections_total - before.connections_total,
            connections_open=after.connections_open,
        )


class Link(Record):
    """What the link between service and Postgres counted for all requests of a slice, as the upstream does."""

    service_requests: Count
    """How many were sent to the service."""
    round_trips: Count
    """What the service sends after an answer begins one, which the answer to that ends; a new connection is one."""
    waited_ms: Amount
    """How long these took, one after the other: the latency, and what Postgres and this machine add to it."""
    connections_opened: Count

    @classmethod
    def between(cls, before: LinkCounters, after: LinkCounters, service_requests: int) -> Self:
        """What was added."""
        return cls(
            service_requests=service_requests,
            round_trips=after.round_trips - before.round_trips,
            waited_ms=(after.waited_us - before.waited_us) / 1000,
            connections_opened=after.connections_total - before.connections_total,
        )


class Machine(Record):
    """Where it was measured."""

    system: Line
    cpu: Line
    cores: Count
    memory_mib: Count
    virtual: Line | None
    """The kind of virtual machine or container; None if it is neither or unknown."""
    steal_percent: Amount | None
    """CPU time that the host took away during the run; None where the system does not tell."""
    swapped_mib: Amount | None = None
    """What went to and from swap during the run; None where the system does not tell."""
    throttled_percent: Amount | None = None
    """Of the run's time: how long the CPU quota of the control group stopped what was in it; None without one."""


class Host(Record):
    """One of the hosts of a stack that has several."""

    name: Line
    tier: TierName
    size: Line
    """The provider's name for it."""
    usd_per_month: Amount | None
    """None where nobody has said it."""
    machine: Machine | None
    """None if only the provider knows it."""
