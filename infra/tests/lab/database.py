"""A managed Postgres as a provider offers it: TLS with a CA of its own, an owner, a user, and a pgbouncer.

It runs on this machine, at the address by which test hosts reach it.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from psycopg import sql
from showdown_stack import config, programs
from showdown_stack.dsn import Dsn
from showdown_stack.postgres import answers, initdb
from showdown_stack.privilege import own, postgres_user, write_privately
from showdown_stack.process import Process

START_SECONDS = 60.0
SUPERUSER = "provider"
PGBOUNCER = """\
[databases]
{pool} = host={address} port={port} dbname={database}

[pgbouncer]
listen_addr = {address}
listen_port = {pool_port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
client_tls_sslmode = require
client_tls_cert_file = {certificate}
client_tls_key_file = {key}
server_tls_sslmode = require
pool_mode = session
default_pool_size = {pool_size}
ignore_startup_parameters = extra_float_digits
"""


@dataclass(frozen=True)
class Managed:
    """What was ordered from the provider, and its answers."""

    address: str
    port: int
    pool_port: int
    database: str
    pool: str
    pool_size: int
    owner: str
    user: str
    passwords: Mapping[str, str]
    """Of the owner and the user, by name."""


@contextmanager
def managed_postgres(asked: Managed, folder: Path, certificate: Path, key: Path) -> Iterator[None]:
    """Run an empty database with TLS. Servers must be able to reach `folder`, a new one, and the certificate."""
    folder.mkdir()
    # Postgres and pgbouncer share it.
    own(key, postgres_user())
    found = programs.postgres_programs()
    superuser = secrets.token_urlsafe(24)
    initdb(found, folder, SUPERUSER, superuser)
    # All connections without TLS are refused.
    (folder / "data" / "pg_hba.conf").write_text("hostssl all all all scram-sha-256\n")
    settings = folder / "postgresql.conf"
    tls = f"ssl = on\nssl_cert_file = '{certificate}'\nssl_key_file = '{key}'\n"
    told = config.render(
        "postgresql.conf", listen_address=asked.address, port=asked.port, max_connections=asked.pool_size + 20
    )
    settings.write_text(told + tls)
    command = [str(found / "postgres"), "-D", str(folder / "data"), "-c", f"config_file={settings}"]
    with Process("Postgres", command, folder / "postgres.log", user=postgres_user(), reads=[found]) as postgres:
        provider = Dsn(asked.address, asked.port, SUPERUSER, superuser, "postgres")
        postgres.wait_until(lambda: answers(provider.url), START_SECONDS)
        _administer(provider, asked)
        with _pgbouncer(asked, folder, certificate, key):
            yield


def _administer(provider: Dsn, asked: Managed) -> None:
    """Make the roles and the database. The owner may create roles and databases, but is not a superuser."""
    with psycopg.connect(provider.url, autocommit=True) as connection:
        for name, rights in ((asked.owner, "CREATEROLE CREATEDB"), (asked.user, "")):
            statement = sql.SQL("CREATE USER {} PASSWORD {} " + rights)
            connection.execute(statement.format(sql.Identifier(name), asked.passwords[name]))
        names = sql.Identifier(asked.database), sql.Identifier(asked.owner)
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
    with psycopg.connect(replace(provider, database=asked.database).url) as connection:
        # Providers let their customers do this.
        connection.execute("CREATE EXTENSION pg_stat_statements")


@contextmanager
def _pgbouncer(asked: Managed, folder: Path, certificate: Path, key: Path) -> Iterator[None]:
    program = programs.find("pgbouncer")
    assert program is not None
    users, settings = folder / "users.txt", folder / "pgbouncer.ini"
    write_privately(users, "".join(f'"{name}" "{password}"\n' for name, password in asked.passwords.items()))
    own(users, postgres_user())
    settings.write_text(
        PGBOUNCER.format(
            pool=asked.pool, address=asked.address, port=asked.port, database=asked.database,
            pool_port=asked.pool_port, users=users, certificate=certificate, key=key, pool_size=asked.pool_size,
        )
    )  # fmt: skip
    pool = Dsn(asked.address, asked.pool_port, asked.user, asked.passwords[asked.user], asked.pool).url
    with Process("pgbouncer", [str(program), str(settings)], folder / "pgbouncer.log", user=postgres_user()) as process:
        process.wait_until(lambda: answers(pool), START_SECONDS)
        yield
