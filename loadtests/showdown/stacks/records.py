"""What a stack tells of its tiers and hosts, as results.json keeps it."""

from typing import Literal

from showdown.types import Amount, Count, Line, Record

TierName = Literal["generator", "haproxy", "service", "pgbouncer", "postgres"]


class TierUsage(Record):
    """What one tier cost during a slice, children included. None: this machine does not tell."""

    cpu_us_per_request: Amount | None
    """CPU time over requests; both within the measured seconds. None where no request was answered."""
    peak_cpu_percent: Amount
    """Of one core, over any second; of a shorter slice its mean."""
    peak_host_cpu_percent: Amount | None = None
    """Of the busiest of its hosts, of one core; None on one machine."""
    peak_rss_mib: Amount
    """Resident memory summed over the tier's processes: pages that they share count once for each."""
    peak_fds: Count | None
    """Open file descriptors."""
    peak_connections: Count | None
    """Established TCP connections."""


class Machine(Record):
    """Where it was measured."""

    system: Line
    cpu: Line
    cores: Count
    memory_mib: Count
    virtual: Line | None
    """The kind of virtual machine or container; None where it is neither or nothing tells."""
    steal_percent: Amount | None
    """CPU time that the host took away during the run; None where the system does not tell."""


class Host(Record):
    """One of a cloud stack's hosts."""

    name: Line
    tier: TierName
    size: Line
    """As the provider calls it."""
    usd_per_month: Amount
    machine: Machine | None
    """None where only the provider knows."""
