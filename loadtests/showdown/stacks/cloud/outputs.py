"""Reads Terraform's outputs, which describe the stack that it has made."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, SecretStr
from showdown_stack.dsn import Dsn

from showdown.stacks.cloud.cost import Cost
from showdown.stacks.cloud.terraform import outputs, require_private_state


class CloudHost(BaseModel):
    """A host of the stack."""

    id: str
    """The provider's number for it. An address, in contrast, may belong to another host tomorrow."""
    name: str
    tier: Literal["haproxy", "service", "generator"]
    public_address: str
    private_address: str
    size: str
    usd_per_month: float


class Haproxy(BaseModel):
    """Where requests go."""

    urls: list[str]
    """The private address of each place, inside the VPC."""


class Database(BaseModel):
    """The managed Postgres, and the pgbouncer in front of it."""

    host: str
    """A name that resolves only inside the VPC."""
    public_host: str
    """Its name on the Internet, where nobody is let in; its certificate may have this name alone."""
    port: int
    pool_port: int
    name: str
    pool_name: str
    pool_mode: Literal["session", "transaction"]
    pool_size: int
    size: str
    usd_per_month: float


class Applied(BaseModel):
    """Everything about the stack that is not secret."""

    revision: str
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


class DatabaseUser(BaseModel):
    name: Annotated[str, _Unknown]
    password: Annotated[SecretStr, _Unknown]


class DatabaseUsers(BaseModel):
    """The owner, who seeds the database and counts statements, and the user that services connect as."""

    owner: DatabaseUser
    api: DatabaseUser


class Outputs(BaseModel):
    """All outputs of infra/."""

    stack: Applied
    database_ca: str
    database_users: DatabaseUsers
    cost: Cost

    def with_database_host(self, name: str) -> Self:
        """The same, with another name by which the database is reached and verified."""
        database = self.stack.database.model_copy(update={"host": name})
        return self.model_copy(update={"stack": self.stack.model_copy(update={"database": database})})

    def owner_dsn(self, database_ca: str, address: str, port: int) -> str:
        """Postgres itself, through a tunnel that ends at `address`; its name is still verified. Only libpq can do this.

        `database_ca`: the file with the CA's certificate on this machine.
        """
        return self._owner(database_ca).url_by_way_of(address, port)

    def dsn_by_way_of(self, port: int, database_ca: str, address: str, local_port: int) -> str:
        """What is at a port of the database, Postgres or the pool, through a tunnel as above."""
        to_pool = port == self.stack.database.pool_port
        return (self._api if to_pool else self._owner)(database_ca).url_by_way_of(address, local_port)

    def api_dsn(self, database_ca: str) -> str:
        """The pool, for services and pgbench inside the VPC. `database_ca`: the certificate's file on their hosts."""
        return self._api(database_ca).url

    def _owner(self, database_ca: str) -> Dsn:
        database = self.stack.database
        return self._dsn(self.database_users.owner, database.name, database.port, database_ca)

    def _api(self, database_ca: str) -> Dsn:
        database = self.stack.database
        return self._dsn(self.database_users.api, database.pool_name, database.pool_port, database_ca)

    def _dsn(self, user: DatabaseUser, database: str, port: int, database_ca: str) -> Dsn:
        password = user.password.get_secret_value()
        return Dsn(self.stack.database.host, port, user.name, password, database, "verify-full", database_ca)


def read_outputs() -> Outputs:
    """The outputs of the stack that has been applied. Raises ShowdownError."""
    require_private_state()
    return outputs(Outputs)
