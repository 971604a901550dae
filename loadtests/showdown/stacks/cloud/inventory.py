"""Reads an inventory: hosts of one's own, and their database, in the form of Terraform's outputs."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr
from showdown_contract.errors import ShowdownError
from showdown_stack.dsn import Dsn
from showdown_stack.postgres import API_USER, DATABASE, OWNER

from showdown.files import read_bounded
from showdown.stacks.cloud.inventory_file import Inventory, ListedDatabase, OwnPostgres
from showdown.stacks.cloud.outputs import (
    Applied,
    CloudHost,
    Database,
    DatabaseUser,
    DatabaseUsers,
    Haproxy,
    Outputs,
)
from showdown.toml_files import read_toml

MOST_CERTIFICATE_BYTES = 2**20
# A DSN is for the file's owner alone.
OTHERS = 0o077


def read_inventory(path: Path, environment: Mapping[str, str] = os.environ) -> Outputs:
    """What an inventory says, in the form of Terraform's outputs. Raises ShowdownError, whose message has no DSN."""
    inventory = _read(path)
    if inventory.postgres:
        database, users, certificate = _set_up(inventory.postgres)
    else:
        assert inventory.database is not None  # noqa: S101 - one of the two is there
        database, users, certificate = _found(path, inventory.database, environment)
    return Outputs(
        kind="hosts",
        stack=Applied(
            haproxy=Haproxy(urls=[f"http://{inventory.haproxy.inside}:{port}" for port in inventory.haproxy_ports]),
            service_ports=inventory.service_ports,
            locust_port=inventory.locust_port,
            hosts=inventory.hosts(),
            database=database,
        ),
        database_ca=certificate,
        database_users=users,
        cost=None,
    )


def read_hosts(path: Path) -> list[CloudHost]:
    """The hosts alone, of which no DSN is needed. Raises ShowdownError."""
    return _read(path).hosts()


def _read(path: Path) -> Inventory:
    inventory = read_toml(path, Inventory)
    found = path.stat()
    if (
        inventory.database
        and inventory.database.has_a_secret
        and (found.st_uid != os.geteuid() or found.st_mode & OTHERS)
    ):
        raise ShowdownError(
            f"{path} has a DSN, and other users can read it: type 'chmod 600 {path}' as its owner, or name an "
            "environment variable instead, with dsn_variable"
        )
    return inventory


def _set_up(host: OwnPostgres) -> tuple[Database, DatabaseUsers, str]:
    """A Postgres that is set up for us. Its host knows the passwords."""
    unknown = SecretStr("")
    users = DatabaseUsers(
        owner=DatabaseUser(name=OWNER, password=unknown), api=DatabaseUser(name=API_USER, password=unknown)
    )
    database = Database(
        host=host.inside,
        public_host=host.inside,
        port=host.port,
        pool_port=host.port,
        name=DATABASE,
        pool_name=DATABASE,
        pool_mode=None,
        pool_size=host.connections,
        size=host.size,
        usd_per_month=host.usd_per_month,
        sslmode="disable",
    )
    return database, users, ""


def _found(path: Path, listed: ListedDatabase, environment: Mapping[str, str]) -> tuple[Database, DatabaseUsers, str]:
    """A Postgres that is there. Raises ShowdownError."""
    owner = _dsn(path, "database.dsn", listed.dsn, listed.dsn_variable, environment)
    assert owner is not None  # noqa: S101 - one of the two is there
    api = _dsn(path, "database.service_dsn", listed.service_dsn, listed.service_dsn_variable, environment) or owner
    if (owner.sslmode, owner.sslrootcert) != (api.sslmode, api.sslrootcert):
        raise ShowdownError(f"{path}: the DSNs of `database` must have the same sslmode and sslrootcert")
    database = Database(
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
    )
    return database, DatabaseUsers(owner=_user(owner), api=_user(api)), _certificate(path, owner)


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
