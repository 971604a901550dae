"""What a run is told of its hosts and their database: Terraform's outputs, or what an inventory says in their place."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr
from showdown_stack.dsn import Dsn, SslMode
from showdown_stack.pgbouncer import PoolMode

from showdown.stacks.cloud.cost import Cost
from showdown.stacks.cloud.terraform import outputs, require_private_state

HTTP_PORT = 80
HostTier = Literal["haproxy", "service", "generator", "postgres"]
DatabaseRole = Literal["owner", "api"]
"""Who seeds the database and counts statements; and the services, which may reach it through a pool."""
ROLES: tuple[DatabaseRole, ...] = ("owner", "api")


class Told(BaseModel):
    """What other versions say is refused, and not left out."""

    model_config = ConfigDict(extra="forbid")


class CloudHost(Told):
    """A host of the stack."""

    id: str
    """The provider's number for it. An address, in contrast, may belong to another host tomorrow."""
    name: str
    tier: HostTier
    public_address: str
    """By which SSH reaches it."""
    private_address: str
    """By which the other hosts reach it."""
    size: str
    usd_per_month: float | None
    """None where nobody has said it."""
    ssh_user: str = "root"
    """Another one becomes root with sudo."""
    ssh_port: int = 22


class Haproxy(Told):
    """Where requests go."""

    urls: list[str]
    """Of each place, with the address by which the other hosts reach it."""

    @property
    def ports(self) -> list[int]:
        """Of each place."""
        return [urlsplit(url).port or HTTP_PORT for url in self.urls]


class Database(Told):
    """The Postgres, and the pgbouncer in front of it, if there is one."""

    host: str
    """A name that may resolve only on hosts."""
    public_host: str
    """Its name elsewhere, where nobody is let in; its certificate may have this name alone."""
    port: int
    pool_host: str | None = None
    """None: as `host`."""
    pool_port: int
    name: str
    pool_name: str
    pool_mode: PoolMode | None
    pool_size: int | None
    """How many connections services may have together, to pgbouncer or without one."""
    size: str
    usd_per_month: float | None
    sslmode: SslMode = "verify-full"

    @property
    def lasting_connections(self) -> int | None:
        """How many connections services can have together; None where they share them, or nobody has said it."""
        return None if self.pool_mode == "transaction" else self.pool_size


class Applied(Told):
    """Everything about the stack that is not secret."""

    haproxy: Haproxy
    service_ports: list[int]
    """Of each place in which a variant's service can be."""
    locust_port: int
    hosts: list[CloudHost]
    database: Database

    def of(self, tier: str) -> list[CloudHost]:
        """The hosts of a tier."""
        return [host for host in self.hosts if host.tier == tier]


# Terraform's null, for what the token may not read.
_Unknown = BeforeValidator(lambda value: "" if value is None else value)


class DatabaseUser(Told):
    name: Annotated[str, _Unknown]
    password: Annotated[SecretStr, _Unknown]


class DatabaseUsers(Told):
    """The owner, who seeds the database and counts statements, and the user that services connect as."""

    owner: DatabaseUser
    api: DatabaseUser


class Outputs(Told):
    """All outputs of infra/, or what an inventory says in their place."""

    kind: Literal["terraform", "hosts"] = "terraform"
    stack: Applied
    database_ca: str
    """Empty where the database has no TLS."""
    database_users: DatabaseUsers
    cost: Cost | None
    """Until the hosts are destroyed; None where they stay."""

    def with_database_host(self, name: str) -> Self:
        """The same, with another name by which the database is reached and verified."""
        database = self.stack.database.model_copy(update={"host": name})
        return self.model_copy(update={"stack": self.stack.model_copy(update={"database": database})})

    def with_database_name(self, name: str) -> Self:
        """The same, with another database for the owner."""
        database = self.stack.database.model_copy(update={"name": name})
        return self.model_copy(update={"stack": self.stack.model_copy(update={"database": database})})

    def dsn(self, role: DatabaseRole, database_ca: str) -> Dsn:
        """Postgres itself for its owner, the pool for services. `database_ca`: the certificate's file there."""
        database = self.stack.database
        user = self.database_users.owner if role == "owner" else self.database_users.api
        host, port, name = (
            (database.host, database.port, database.name)
            if role == "owner"
            else (database.pool_host or database.host, database.pool_port, database.pool_name)
        )
        verified = database_ca if database.sslmode == "verify-full" else None
        return Dsn(host, port, user.name, user.password.get_secret_value(), name, database.sslmode, verified)

    def dsn_by_way_of(self, role: DatabaseRole, database_ca: str, address: str, port: int) -> str:
        """The same through a tunnel that ends at `address`; its name is still verified. Only libpq can do this."""
        return self.dsn(role, database_ca).url_by_way_of(address, port)

    def api_dsn(self, database_ca: str) -> str:
        """For services and pgbench, on their hosts. `database_ca`: the certificate's file there."""
        return self.dsn("api", database_ca).url


def read_outputs() -> Outputs:
    """The outputs of the stack that has been applied. Raises ShowdownError."""
    require_private_state()
    return outputs(Outputs)
