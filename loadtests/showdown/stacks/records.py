"""What results.json stores about tiers and hosts."""

from typing import Literal

from showdown.types import Amount, Count, Line, Record

TierName = Literal["generator", "haproxy", "service", "pgbouncer", "postgres"]


class TierUsage(Record):
    """What one tier cost during a round, children included. None: this machine does not tell."""

    cpu_us_per_request: Amount | None
    """CPU time divided by requests, both within the measured seconds. None if no request was answered."""
    peak_cpu_percent: Amount
    """The highest of any second, in percent of one core."""
    peak_host_cpu_percent: Amount | None = None
    """The same for the busiest of its hosts; None on one machine."""
    peak_rss_mib: Amount
    """Resident memory summed over the tier's processes: shared pages count once for each process."""
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
    """The kind of virtual machine or container; None if it is neither or unknown."""
    steal_percent: Amount | None
    """CPU time that the hypervisor took away during the run; None if the system does not report it."""


class Host(Record):
    """One of a cloud stack's hosts."""

    name: Line
    tier: TierName
    size: Line
    """The provider's name for it."""
    usd_per_month: Amount
    machine: Machine | None
    """None if only the provider knows it."""
