"""What a round needs of a stack, be it on this machine or on hosts in a cloud."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from showdown_contract.lookup import Lookup
from showdown_stack.haproxy import Totals
from showdown_stack.pgbouncer import PoolMode

from showdown.contenders.variants import Variant
from showdown.generators.load import Load, Running
from showdown.generators.pgbench import PgbenchSummary
from showdown.stacks.records import Host, Machine, TierName, TierUsage


@dataclass(frozen=True)
class Description:
    """What results.json stores about a stack."""

    kind: Literal["local", "terraform"]
    machine: Machine
    commit: str
    """The commit that runs on it."""
    versions: dict[str, str]
    haproxy: bool
    pgbouncer: PoolMode | None
    external_postgres: bool = False
    missing: list[str] = field(default_factory=list)
    """Notes on tiers that are missing or cannot be observed."""
    hosts: list[Host] = field(default_factory=list)
    service_hosts: list[int] = field(default_factory=lambda: [1])
    """The numbers of service hosts that each variant is measured on."""
    generator_processes: int = 1


@dataclass(frozen=True)
class Steal:
    """Stolen CPU time, in percent of all CPU time. None if the system does not report it."""

    most: float | None
    """That of the host that lost most, or of the one machine."""
    by_host: Mapping[str, float | None] = field(default_factory=dict)
    """By the host's name; empty on one machine."""


class Stack(Protocol):
    """The running tiers, on which services are started one after the other."""

    def describe(self) -> Description: ...

    def variant_versions(self, variants: Mapping[str, Variant]) -> dict[str, dict[str, str]]:
        """By variant, the versions of its parts on this stack."""

    def steal(self) -> Steal:
        """The CPU time that the stack's hosts have lost to their neighbours since it came up."""

    @property
    def url(self) -> str:
        """Where a load generator sends requests."""

    @property
    def owner_dsn(self) -> str:
        """Postgres, for seeding and counting."""

    @property
    def api_user(self) -> str:
        """The services' database user."""

    def service(self, name: str, variant: Variant, hosts: int, load: Load) -> AbstractContextManager[Running]:
        """Start a variant's service on this number of hosts. It is ready in the context. `load` names its files.

        Raises ShowdownError.
        """

    def differences(self, lookup: Lookup = "by-id") -> list[str]:
        """One message for each golden case that the running service answers wrongly."""

    def reset(self) -> object:
        """Undo what clients have written to Postgres."""

    def totals(self) -> Totals | None:
        """What haproxy has counted so far; None without haproxy."""

    def forget_maxima(self) -> None:
        """Reset haproxy's maxima."""

    def watched(
        self, load: Load, generator: Running, service: Running | None, connections: Callable[[], int]
    ) -> AbstractContextManager["Watched"]:
        """Record what each tier costs from now on, and `connections`. `service` is None if no service runs."""

    def start_ceiling(self, load: Load, connections: int) -> Running:
        """Start pgbench over this number of connections, by the same route to Postgres as the services."""

    def ceiling_summary(self, load: Load) -> PgbenchSummary:
        """What pgbench measured, after it has ended. Raises ShowdownError if it wrote nothing."""

    def lost(self) -> Running | None:
        """A tier that should be running but is not."""


class Watched(Protocol):
    """The record of the tiers; complete after the context has ended."""

    def tiers(self, measured_from: float, measured_to: float, requests: int) -> dict[TierName, TierUsage]:
        """What each tier cost between two moments (seconds since 1970), divided by the requests served then."""

    @property
    def peak_database_connections(self) -> int: ...
