"""What Terraform's outputs say of the stack that it has made."""

from typing import Literal

from pydantic import BaseModel, SecretStr
from showdown_stack.dsn import Dsn

from showdown.stacks.cloud.terraform import outputs


class CloudHost(BaseModel):
    """A host that we reach."""

    id: str
    """The provider's; an address may be another host's tomorrow."""
    name: str
    tier: Literal["haproxy", "service", "generator"]
    public_address: str
    private_address: str
    size: str
    usd_per_month: float


class Haproxy(BaseModel):
    """Where requests go."""

    urls: list[str]
    """Of each place, inside of the VPC."""


class Database(BaseModel):
    """The managed Postgres, and the pgbouncer before it."""

    host: str
    """Resolves inside of the VPC only."""
    port: int
    pool_port: int
    name: str
    pool_name: str
    pool_mode: Literal["session", "transaction"]
    pool_size: int
    version: str
    size: str
    usd_per_month: float


class Applied(BaseModel):
    """All of it but the secrets."""

    revision: str
    haproxy: Haproxy
    service_ports: list[int]
    """Of each place in which a variant's service can be."""
    locust_port: int
    hosts: list[CloudHost]
    database: Database

    def of(self, tier: str) -> list[CloudHost]:
        """A tier's hosts."""
        return [host for host in self.hosts if host.tier == tier]


class DatabaseUser(BaseModel):
    name: str
    password: SecretStr


class DatabaseUsers(BaseModel):
    """Who seeds and counts, and whom services are."""

    owner: DatabaseUser
    api: DatabaseUser


class Outputs(BaseModel):
    """All outputs."""

    stack: Applied
    database_ca: str
    database_users: DatabaseUsers

    def owner_dsn(self, database_ca: str, address: str, port: int) -> str:
        """Postgres itself by way of a tunnel's end, and yet verified; for libpq. `database_ca`: a file here."""
        database = self.stack.database
        return self._dsn(self.database_users.owner, database.name, database.port, database_ca).url_by_way_of(
            address, port
        )

    def api_dsn(self, database_ca: str) -> str:
        """The pool, as services and pgbench inside of the VPC connect to it. `database_ca`: a file there."""
        database = self.stack.database
        return self._dsn(self.database_users.api, database.pool_name, database.pool_port, database_ca).url

    def _dsn(self, user: DatabaseUser, database: str, port: int, database_ca: str) -> Dsn:
        password = user.password.get_secret_value()
        return Dsn(self.stack.database.host, port, user.name, password, database, "verify-full", database_ca)


def read_outputs() -> Outputs:
    """Of what has been applied. Raises ShowdownError."""
    return outputs(Outputs)
