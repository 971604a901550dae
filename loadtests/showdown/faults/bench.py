"""What an action acts on: a running stack, and a variant's service on it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from showdown_contract.errors import ShowdownError
from showdown_stack.haproxy import Haproxy
from showdown_stack.link import Link
from showdown_stack.process import Process
from showdown_stack.tiers import Service, Tiers
from showdown_stack.upstream import Upstream

from showdown.faults.action_log import ActionLog
from showdown.requests.scenarios import Scenario

Found = TypeVar("Found")


@dataclass(frozen=True)
class Bench:
    """A stack and a service under load."""

    tiers: Tiers
    services: Sequence[Service]
    """The instances of one variant's service."""
    scenario: Scenario
    table: str
    """That every request needs."""
    log: ActionLog
    seconds: float
    """How long the fault lasts."""
    latency_ms: float
    """How slow something becomes that is to become slow."""

    def stay(self, at: float) -> None:
        """Return when a fault has lasted that has begun at a moment (in seconds since 1970)."""
        time.sleep(max(0.0, at + self.seconds - time.time()))

    @property
    def haproxy(self) -> Haproxy:
        """Raises ShowdownError."""
        return _there(self.tiers.haproxy, "haproxy")

    @property
    def pgbouncer(self) -> Process:
        """Raises ShowdownError."""
        return _there(self.tiers.pgbouncer, "pgbouncer")

    @property
    def link(self) -> Link:
        """Raises ShowdownError."""
        return _there(self.tiers.link, "the link")

    @property
    def upstream(self) -> Upstream:
        """Raises ShowdownError."""
        return _there(self.tiers.upstream, "the upstream")

    @property
    def postgres(self) -> Process:
        """Raises ShowdownError."""
        return _there(self.tiers.postgres.process, "a Postgres of the stack's own")


def _there(tier: Found | None, name: str) -> Found:
    if tier is None:
        raise ShowdownError(f"{name} is not there")
    return tier
