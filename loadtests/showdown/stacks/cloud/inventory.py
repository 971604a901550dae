"""Reads an inventory: hosts of one's own, and their database, as infra/inventory.example.toml explains it."""

import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator
from showdown_contract.errors import ShowdownError
from showdown_stack.dsn import MOST_PORT, Dsn
from showdown_stack.pgbouncer import PoolMode

from showdown.files import read_bounded
from showdown.stacks.cloud.outputs import (
    Applied,
    CloudHost,
    Database,
    DatabaseUser,
    DatabaseUsers,
    Haproxy,
    HostTier,
    Outputs,
)
from showdown.toml_files import read_toml
from showdown.types import Line, VariableName

MOST_HOSTS = 10
MOST_CERTIFICATE_BYTES = 2**20
# Hosts use higher ports for outgoing connections (infra/hosts/sysctl.conf), and users without privileges no lower one.
MOST_SERVING_PORT, LEAST_OWN_PORT = 16383, 1024
SSH_PORT = 22
# What the file holds is for its owner alone.
OTHERS = 0o077
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
    size: Line = "of one's own"
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
    """Where Postgres is. A DSN is in the file or in an environment variable that the file names."""

    dsn: SecretStr | None = None
    dsn_variable: VariableName | None = None
    service_dsn: SecretStr | None = None
    service_dsn_variable: VariableName | None = None
    pool_mode: PoolMode | None = None
    pool_size: Annotated[int, Field(strict=True, ge=1, le=100_000)] | None = None
    size: Line = "of one's own"
    usd_per_month: Usd | None = None

    @model_validator(mode="after")
    def _says_each_once(self) -> Self:
        if (self.dsn is None) == (self.dsn_variable is None):
            raise ValueError("say either dsn or dsn_variable")
        if self.service_dsn is not None and self.service_dsn_variable is not None:
            raise ValueError("say either service_dsn or service_dsn_variable")
        if (self.pool_mode is None) != (self.pool_size is None):
            raise ValueError("pool_mode and pool_size go together: they are pgbouncer's")
        return self

    @property
    def has_a_secret(self) -> bool:
        return self.dsn is not None or self.service_dsn is not None


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
    database: ListedDatabase

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        addresses = [host.inside for host in (self.haproxy, *self.service, *self.generator)]
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


def read_inventory(path: Path, environment: Mapping[str, str] = os.environ) -> Outputs:
    """What an inventory says, in the form of Terraform's outputs. Raises ShowdownError, whose message has no DSN."""
    inventory = _read(path)
    listed = inventory.database
    owner = _dsn(path, "database.dsn", listed.dsn, listed.dsn_variable, environment)
    assert owner is not None  # noqa: S101 - one of the two is there
    api = _dsn(path, "database.service_dsn", listed.service_dsn, listed.service_dsn_variable, environment) or owner
    if (owner.sslmode, owner.sslrootcert) != (api.sslmode, api.sslrootcert):
        raise ShowdownError(f"{path}: the DSNs of `database` must have the same sslmode and sslrootcert")
    return Outputs(
        kind="hosts",
        stack=Applied(
            haproxy=Haproxy(urls=[f"http://{inventory.haproxy.inside}:{port}" for port in inventory.haproxy_ports]),
            service_ports=inventory.service_ports,
            locust_port=inventory.locust_port,
            hosts=inventory.hosts(),
            database=Database(
                host=owner.host,
                public_host=owner.host,
                port=owner.port,
                pool_host=api.host,
                pool_port=api.port,
                name=owner.database,
                pool_name=api.database,
                pool_mode=listed.pool_mode,
                pool_size=listed.pool_size,
                size=listed.size,
                usd_per_month=listed.usd_per_month,
                # By default some drivers would encrypt, without verifying anything, and others would not.
                sslmode=owner.sslmode or "disable",
            ),
        ),
        database_ca=_certificate(path, owner),
        database_users=DatabaseUsers(owner=_user(owner), api=_user(api)),
        cost=None,
    )


def read_hosts(path: Path) -> list[CloudHost]:
    """The hosts alone, of which no DSN is needed. Raises ShowdownError."""
    return _read(path).hosts()


def _read(path: Path) -> Inventory:
    inventory = read_toml(path, Inventory)
    found = path.stat()
    if inventory.database.has_a_secret and (found.st_uid != os.geteuid() or found.st_mode & OTHERS):
        raise ShowdownError(
            f"{path} has a DSN, and other users can read it: type 'chmod 600 {path}' as its owner, or name an "
            "environment variable instead, with dsn_variable"
        )
    return inventory


def _dsn(
    path: Path, name: str, written: SecretStr | None, variable: str | None, environment: Mapping[str, str]
) -> Dsn | None:
    """None if the file says nothing of it. Raises ShowdownError."""
    if variable is not None:
        if not environment.get(variable):
            raise ShowdownError(f"{path}: {name}_variable names {variable}, which is not set: export it")
        return Dsn.parse(environment[variable], f"${variable}")
    return None if written is None else Dsn.parse(written.get_secret_value(), f"{path}: {name}")


def _user(dsn: Dsn) -> DatabaseUser:
    return DatabaseUser(name=dsn.user, password=SecretStr(dsn.password))


def _certificate(path: Path, dsn: Dsn) -> str:
    """The text of the CA's certificate; empty without TLS. Raises ShowdownError."""
    if dsn.sslrootcert is None:
        return ""
    try:
        return read_bounded(Path(dsn.sslrootcert), MOST_CERTIFICATE_BYTES).decode()
    except OSError as error:
        raise ShowdownError(f"{path}: sslrootcert={dsn.sslrootcert} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ShowdownError(f"{path}: sslrootcert={dsn.sslrootcert} is not a certificate in PEM") from None
