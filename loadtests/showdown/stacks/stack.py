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
    """What is written down of a stack."""

    kind: Literal["local", "terraform"]
    machine: Machine
    commit: str
    """Of what runs on it."""
    versions: dict[str, str]
    haproxy: bool
    pgbouncer: PoolMode | None
    external_postgres: bool = False
    missing: list[str] = field(default_factory=list)
    """Notes on tiers that are missing or cannot be observed."""
    hosts: list[Host] = field(default_factory=list)
    service_hosts: list[int] = field(default_factory=lambda: [1])
    """On how many hosts each variant is to be measured."""
    generator_processes: int = 1


@dataclass(frozen=True)
class Steal:
    """Stolen CPU time, in percent of all CPU time. None: nobody tells."""

    most: float | None
    """Of the host that lost most; on one machine its own."""
    by_host: Mapping[str, float | None] = field(default_factory=dict)
    """By name; empty on one machine."""


class Stack(Protocol):
    """The tiers, up and running; services are started on it one after the other."""

    def describe(self) -> Description: ...

    def variant_versions(self, variants: Mapping[str, Variant]) -> dict[str, dict[str, str]]:
        """By variant, what its parts on this stack say of their versions."""

    def steal(self) -> Steal:
        """How much CPU time the stack's hosts have lost to their neighbours since it came up."""

    @property
    def url(self) -> str:
        """Where a load generator sends requests."""

    @property
    def owner_dsn(self) -> str:
        """Postgres, for seeding and counting."""

    @property
    def api_user(self) -> str:
        """The database user that services are."""

    def service(self, name: str, variant: Variant, hosts: int, load: Load) -> AbstractContextManager[Running]:
        """Start a variant's service on so many hosts. It is ready in the context; `load` names its files.

        Raises ShowdownError.
        """

    def differences(self, lookup: Lookup = "by-id") -> list[str]:
        """Golden cases that the service which runs now answers otherwise than the contract says."""

    def reset(self) -> object:
        """Undo what clients have written to Postgres."""

    def totals(self) -> Totals | None:
        """What haproxy has counted so far; None without one."""

    def forget_maxima(self) -> None:
        """Start haproxy's maxima anew."""

    def watched(
        self, load: Load, generator: Running, service: Running | None, connections: Callable[[], int]
    ) -> AbstractContextManager["Watched"]:
        """Record what each tier costs from here on, and `connections` beside it; a service of None: none runs."""

    def start_ceiling(self, load: Load, connections: int) -> Running:
        """Start pgbench over so many connections, by the services' way to Postgres."""

    def ceiling_summary(self, load: Load) -> PgbenchSummary:
        """What the ended pgbench saw. Raises ShowdownError where it left nothing."""

    def lost(self) -> Running | None:
        """A tier that should run and does not."""


class Watched(Protocol):
    """What was recorded of the tiers; complete once the context is left."""

    def tiers(self, measured_from: float, measured_to: float, requests: int) -> dict[TierName, TierUsage]:
        """What each tier cost between two moments (seconds since 1970), over the requests served then."""

    @property
    def peak_database_connections(self) -> int: ...
