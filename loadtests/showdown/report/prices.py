"""What hosts cost: prices.toml turns CPU a request into requests for a dollar, wherever it was measured."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from showdown.stacks.records import TierName
from showdown.toml_files import read_toml
from showdown.types import Line

PRICES = Path(__file__).resolve().parents[2] / "prices.toml"
# Of a year of 365.25 days.
SECONDS_PER_MONTH = 365.25 * 24 * 3600 / 12

Usd = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]


class PricedHost(BaseModel):
    """The host of one tier."""

    model_config = ConfigDict(extra="forbid")

    size: Line
    """As the provider calls it."""
    cores: Annotated[int, Field(strict=True, ge=1, le=10_000)]
    usd_per_month: Usd


class Hosts(BaseModel):
    """One for each tier."""

    model_config = ConfigDict(extra="forbid")

    haproxy: PricedHost
    service: PricedHost
    postgres: PricedHost


class Prices(BaseModel):
    """prices.toml."""

    model_config = ConfigDict(extra="forbid")

    title: Line
    """What the hosts are, after "on"."""
    source: Line
    as_of: Line
    hosts: Hosts

    @property
    def by_tier(self) -> dict[TierName, PricedHost]:
        return {"haproxy": self.hosts.haproxy, "service": self.hosts.service, "postgres": self.hosts.postgres}

    def usd_per_month(self, *, haproxy: bool) -> float:
        """Of one host for each tier, with haproxy's or without."""
        return sum(host.usd_per_month for tier, host in self.by_tier.items() if haproxy or tier != "haproxy")

    def capacity(self, cpu_us_per_request: Mapping[TierName, float], workers: int) -> float | None:
        """The requests per second at which one of these hosts has no CPU time left; None where no tier tells.

        Other limits may come first, such as a pool that waits for a slow network. `workers`: of the service, of
        which none is busy on more than one core.
        """
        cpu = _by_host(cpu_us_per_request)
        usable = {tier: host.cores for tier, host in self.by_tier.items()}
        usable["service"] = min(usable["service"], workers)
        return min((usable[tier] * 1e6 / cpu[tier] for tier in usable if cpu.get(tier)), default=None)

    def requests_per_usd(self, cpu_us_per_request: Mapping[TierName, float]) -> float | None:
        """With as many hosts of each tier as keep all of them busy; None where a tier does not tell."""
        cpu = _by_host(cpu_us_per_request)
        if not {"service", "postgres"} <= cpu.keys():
            return None
        usd = sum(
            cpu.get(tier, 0.0) / 1e6 * host.usd_per_month / host.cores / SECONDS_PER_MONTH
            for tier, host in self.by_tier.items()
        )
        return 1 / usd if usd else None


def _by_host(cpu_us_per_request: Mapping[TierName, float]) -> dict[TierName, float]:
    """For pgbouncer there is no host: it runs beside Postgres."""
    cpu = dict(cpu_us_per_request)
    if "postgres" in cpu:
        cpu["postgres"] += cpu.get("pgbouncer", 0.0)
    return cpu


def load_prices(path: Path = PRICES) -> Prices:
    """Of a file. Raises ShowdownError."""
    return read_toml(path, Prices)
