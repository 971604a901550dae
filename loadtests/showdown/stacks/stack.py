"""What a block needs of a stack, be it on this machine or on hosts of its own."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from showdown_stack.pgbouncer import PoolMode

from showdown.contenders.variants import Variant
from showdown.generators.load import Running
from showdown.generators.pgbench import CeilingTurn, PgbenchSummary
from showdown.requests.upstream import Behaviours
from showdown.stacks.event_loop import EventLoop
from showdown.stacks.pressure import Disturbances
from showdown.stacks.records import Host, Link, Machine, Proxy, StackKind, TierName, TierUsage, Upstream


@dataclass(frozen=True)
class Description:
    """What results.json stores about a stack."""

    kind: StackKind
    machine: Machine
    commit: str
    """The commit that runs on it."""
    versions: dict[str, str]
    haproxy: bool
    pgbouncer: PoolMode | None
    external_postgres: bool = False
    notes: list[str] = field(default_factory=list)
    """Notes on tiers that are missing or cannot be observed."""
    hosts: list[Host] = field(default_factory=list)
    service_hosts: list[int] = field(default_factory=lambda: [1])
    """The numbers of service hosts that each variant is measured on."""
    generator_processes: int = 1


@dataclass(frozen=True)
class Disturbed:
    """What was taken from a stack's hosts since it came up."""

    worst: Disturbances
    """Each of the host that lost most by it; on one machine its own."""
    by_host: Mapping[str, Disturbances] = field(default_factory=dict)
    """By name; empty on one machine."""


class Stack(Protocol):
    """The tiers, up and running; services are started on it, several at once."""

    def describe(self) -> Description: ...

    def variant_versions(self, variants: Mapping[str, Variant]) -> dict[str, dict[str, str]]:
        """By variant, the versions of its parts on this stack."""

    def disturbed(self) -> Disturbed:
        """What was taken from the stack's hosts since it came up."""

    @property
    def owner_dsn(self) -> str:
        """Postgres, for seeding and counting."""

    @property
    def api_user(self) -> str:
        """The services' database user."""

    @property
    def most_services(self) -> int:
        """How many can be up at once."""

    def available_connections(self) -> int | None:
        """How many connections the services can have together; None: as many as they ask for."""

    def reset(self) -> object:
        """Undo what clients have written to Postgres."""

    def block(self, variants: Mapping[str, Variant], files: Path) -> AbstractContextManager["Block"]:
        """The services of these variants on all service hosts; `files`: what their files' names start with."""

    def lost(self) -> Running | None:
        """A tier that should be running but is not."""


class Block(Protocol):
    """Variants whose services are up at once."""

    @property
    def faults(self) -> Mapping[str, str]:
        """By variant, why its service did not come up, or how it has ended; at last, what had to be killed."""

    @property
    def lead_seconds(self) -> float:
        """From when a timetable is known until it can begin."""

    def now(self) -> float:
        """The moment by the stack's clocks, in seconds since 1970."""

    def wait_until_ready(self) -> None:
        """Return when each service answers, or has failed."""

    def url(self, name: str) -> str:
        """Where a load generator reaches a variant."""

    def root(self, name: str) -> int | None:
        """The process of a variant's service that has started the others; None where it runs on another machine."""

    def differences(self, name: str) -> list[str]:
        """Golden cases that a variant's service answers otherwise than the contract says."""

    def ceilings(self, turns: Sequence[CeilingTurn]) -> AbstractContextManager["Ceilings"]:
        """pgbench, which loads Postgres by the services' way in these turns."""

    def watched(self, windows: Sequence["Window"]) -> AbstractContextManager["Watched"]:
        """Record what each tier costs in these windows, one after the other."""


@dataclass(frozen=True)
class Window:
    """What a turn is, for whoever watches it. All moments are in seconds since 1970."""

    quiet_from: float
    """Before it, nothing is under way from here on."""
    counted_from: float
    counted_to: float
    left_at: float
    """Nothing of it is under way from here on."""
    variant: str | None
    """None: Postgres alone."""
    hosts: int = 1
    """How many service hosts it has."""
    upstream: Behaviours = field(default_factory=dict)
    """How the upstream behaves in it, where there is one."""
    latency_ms: float = 0.0
    """How much longer a round trip to Postgres takes in it, where there is a link."""


class Ceilings(Protocol):
    """pgbench in the course of a block; complete once the context is left."""

    def begin(self, index: int) -> Running | None:
        """A turn has come: what sends its statements, where that runs here."""

    def end(self) -> None:
        """That turn is over."""

    def summary(self, index: int) -> PgbenchSummary:
        """What was counted in a turn. Raises ShowdownError where that is nothing."""


class Watched(Protocol):
    """What is recorded of the tiers, window by window; complete once the context is left."""

    def between(self) -> None:
        """It is the quiet before the next window, for which the stack gets ready, or after the last."""

    def begin(self, generator: Running | None) -> None:
        """The next window's load has begun, sent by this generator."""

    def look(self) -> None:
        """An end of what counts in it is now."""

    def tiers(self, window: int, per_second: float) -> dict[TierName, TierUsage]:
        """What each tier cost in a window, at so many requests per second."""

    def machine_cpu_us(self, window: int, per_second: float) -> float | None:
        """What the machine was busy with in a window, by request; None where tiers have hosts of their own."""

    def proxy(self, window: int) -> Proxy | None:
        """What haproxy counted in a window; None without one."""

    def upstream(self, window: int, service_requests: int) -> Upstream | None:
        """What the upstream counted in a window for so many requests to the service; None without one."""

    def event_loop(self, window: int) -> EventLoop | None:
        """What the service tells of its event loops; None where it has no metrics or no loop."""

    def link(self, window: int, service_requests: int) -> Link | None:
        """What the link counted in a window for so many requests to the service; None without one."""
