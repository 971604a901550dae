"""The form of an inventory: hosts of one's own, and their database, as infra/inventory.example.toml explains it."""

import ipaddress
import re
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator
from showdown_stack.dsn import MOST_PORT
from showdown_stack.pgbouncer import PoolMode

from showdown.stacks.cloud.outputs import CloudHost, HostTier
from showdown.types import Line, VariableName

MOST_HOSTS = 10
# Hosts use higher ports for outgoing connections (infra/hosts/sysctl.conf), and users without privileges no lower one.
MOST_SERVING_PORT, LEAST_OWN_PORT = 16383, 1024
SSH_PORT = 22
# A name or an address, which ssh cannot take for an option.
_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,252}")
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")


def _matching(pattern: re.Pattern[str], form: str) -> AfterValidator:
    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(f"must be {form}")
        return text

    return AfterValidator(check)


def _ipv4(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise ValueError("must be an IPv4 address, such as 10.0.0.2") from None


Address = Annotated[str, _matching(_ADDRESS, "the name or the address of a host")]
PrivateAddress = Annotated[str, AfterValidator(_ipv4)]
UserName = Annotated[str, _matching(_USER, "the name of a user")]
Usd = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Port = Annotated[int, Field(strict=True, ge=1, le=MOST_SERVING_PORT)]
OwnPort = Annotated[int, Field(strict=True, ge=LEAST_OWN_PORT, le=MOST_SERVING_PORT)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ListedHost(_Entry):
    """A host; its tier is where it is listed."""

    address: Address
    private_address: PrivateAddress | None = None
    ssh_user: UserName | None = None
    ssh_port: Annotated[int, Field(strict=True, ge=1, le=MOST_PORT)] | None = None
    size: Line = "own host"
    usd_per_month: Usd | None = None

    @model_validator(mode="after")
    def _is_reached_by_the_others(self) -> Self:
        if self.private_address is None:
            try:
                _ipv4(self.address)
            except ValueError:
                raise ValueError(
                    "the other hosts reach it by an IPv4 address: say private_address, too, for `address` is none"
                ) from None
        return self

    @property
    def inside(self) -> str:
        """The address by which the other hosts reach it."""
        return self.private_address or self.address


class ListedDatabase(_Entry):
    """Where a Postgres is. A DSN is in the file or in an environment variable that the file names."""

    dsn: SecretStr | None = None
    dsn_variable: VariableName | None = None
    service_dsn: SecretStr | None = None
    service_dsn_variable: VariableName | None = None
    pool_mode: PoolMode | None = None
    pool_size: Annotated[int, Field(strict=True, ge=1, le=100_000)] | None = None
    size: Line = "own host"
    usd_per_month: Usd | None = None

    @model_validator(mode="after")
    def _says_each_once(self) -> Self:
        if (self.dsn is None) == (self.dsn_variable is None):
            raise ValueError("say either dsn or dsn_variable")
        if self.service_dsn is not None and self.service_dsn_variable is not None:
            raise ValueError("say either service_dsn or service_dsn_variable")
        if self.pool_mode is not None and self.pool_size is None:
            raise ValueError("pool_mode is pgbouncer's: say pool_size, too, the number of its connections")
        return self

    @property
    def has_a_secret(self) -> bool:
        return self.dsn is not None or self.service_dsn is not None


class OwnPostgres(ListedHost):
    """A host for Postgres, which is set up there."""

    port: OwnPort = 5432
    connections: Annotated[int, Field(strict=True, ge=20, le=1000)] = 240
    """How many the services may have together."""


class Inventory(_Entry):
    """The file."""

    ssh_user: UserName = "root"
    ssh_port: Annotated[int, Field(strict=True, ge=1, le=MOST_PORT)] = SSH_PORT
    haproxy_port: Port = 80
    service_port: OwnPort = 8000
    services_at_once: Annotated[int, Field(strict=True, ge=1, le=100)] = 10
    locust_port: OwnPort = 5557
    haproxy: ListedHost
    service: Annotated[list[ListedHost], Field(min_length=1, max_length=MOST_HOSTS)]
    generator: Annotated[list[ListedHost], Field(min_length=1, max_length=MOST_HOSTS)]
    database: ListedDatabase | None = None
    postgres: OwnPostgres | None = None

    @model_validator(mode="after")
    def _has_one_database(self) -> Self:
        if (self.database is None) == (self.postgres is None):
            raise ValueError("say either [postgres], a host on which it is set up, or [database], where one is")
        return self

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        own = [self.postgres] if self.postgres else []
        addresses = [host.inside for host in (self.haproxy, *self.service, *self.generator, *own)]
        if twice := sorted({address for address in addresses if addresses.count(address) > 1}):
            raise ValueError(f"each host has one tier, and {', '.join(twice)} is listed twice")
        if max(self.haproxy_port, self.service_port) + self.services_at_once - 1 > MOST_SERVING_PORT:
            raise ValueError(
                f"services_at_once ports from service_port and from haproxy_port on may go up to {MOST_SERVING_PORT}"
            )
        if self.locust_port in self.service_ports:
            raise ValueError("locust_port must not be one of the services'")
        if (self.haproxy.ssh_port or self.ssh_port) in self.haproxy_ports:
            raise ValueError("haproxy's ports, services_at_once from haproxy_port on, must leave out SSH's")
        return self

    @property
    def haproxy_ports(self) -> list[int]:
        return list(range(self.haproxy_port, self.haproxy_port + self.services_at_once))

    @property
    def service_ports(self) -> list[int]:
        return list(range(self.service_port, self.service_port + self.services_at_once))

    def hosts(self) -> list[CloudHost]:
        """All of them, named by their tiers."""
        return [
            self._host("haproxy", "haproxy", self.haproxy),
            *(self._host(f"service{number}", "service", host) for number, host in enumerate(self.service, start=1)),
            *(
                self._host(f"generator{number}", "generator", host)
                for number, host in enumerate(self.generator, start=1)
            ),
            *([self._host("postgres", "postgres", self.postgres)] if self.postgres else []),
        ]

    def _host(self, name: str, tier: HostTier, listed: ListedHost) -> CloudHost:
        port = listed.ssh_port or self.ssh_port
        return CloudHost(
            # By it a host's key is known again.
            id=f"{listed.address}-{port}",
            name=name,
            tier=tier,
            public_address=listed.address,
            private_address=listed.inside,
            size=listed.size,
            usd_per_month=listed.usd_per_month,
            ssh_user=listed.ssh_user or self.ssh_user,
            ssh_port=port,
        )
