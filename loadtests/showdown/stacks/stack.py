"""What a block needs of a stack, be it on this machine or on hosts in a cloud."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from showdown_stack.haproxy import Totals
from showdown_stack.pgbouncer import PoolMode

from showdown.contenders.variants import Variant
from showdown.generators.load import Running
from showdown.generators.pgbench import PgbenchSummary
from showdown.requests.scenarios import Scenario
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
    """Tiers that were wanted and are not there, or not to be seen, each with the consequence, for people."""
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
    """The tiers, up and running; services are started on it, several at once."""

    def describe(self) -> Description: ...

    def variant_versions(self, variants: Mapping[str, Variant]) -> dict[str, dict[str, str]]:
        """By variant, what its parts on this stack say of their versions."""

    def steal(self) -> Steal:
        """How much CPU time the stack's hosts have lost to their neighbours since it came up."""

    @property
    def owner_dsn(self) -> str:
        """Postgres, for seeding and counting."""

    @property
    def api_user(self) -> str:
        """The database user that services are."""

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
        """A tier that should run and does not."""


class Block(Protocol):
    """Variants whose services are up at once."""

    @property
    def faults(self) -> Mapping[str, str]:
        """By variant, why its service did not come up, or how it has ended; at last, what had to be killed."""

    def wait_until_ready(self) -> None:
        """Return when each service answers, or has failed."""

    def url(self, name: str) -> str:
        """Where a load generator reaches a variant."""

    def differences(self, name: str) -> list[str]:
        """Golden cases that a variant's service answers otherwise than the contract says."""

    def route(self, name: str, hosts: int) -> None:
        """From now on a variant's requests go to so many service hosts."""

    def totals(self) -> Mapping[str, Totals]:
        """What haproxy has counted so far for each variant, and forget its maxima; empty without one."""

    def start_ceiling(self, files: Path, scenario: Scenario, recipes: int, connections: int, seconds: int) -> Running:
        """Start pgbench over so many connections, by the services' way to Postgres."""

    def ceiling_summary(self, files: Path, counted_from: float, counted_to: float) -> PgbenchSummary:
        """What the ended pgbench saw between two moments. Raises ShowdownError where that is nothing."""

    def watched(self) -> AbstractContextManager["Watched"]:
        """Record what each tier costs from here on."""


class Watched(Protocol):
    """What was recorded of the tiers; complete once the context is left."""

    def turn(self, name: str | None, hosts: int, generator: Running | None) -> None:
        """From now on this variant is loaded (None: Postgres alone), by this generator."""

    def look(self) -> None:
        """An end of what counts is now."""

    def tiers(self, turn: int, counted_from: float, counted_to: float, per_second: float) -> dict[TierName, TierUsage]:
        """What each tier cost between two moments of a turn (by their order), at so many requests per second."""
