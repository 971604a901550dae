"""Runs Postgres on this machine, over a cached cluster that holds the data set."""

import hashlib
import json
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from psycopg import sql
from showdown_contract.errors import ShowdownError

from showdown_stack import config, programs
from showdown_stack.contract import DataSet, Served
from showdown_stack.dsn import Dsn
from showdown_stack.ports import LOOPBACK, free_port
from showdown_stack.privilege import launcher, own, own_folder, postgres_user, write_privately
from showdown_stack.process import Process
from showdown_stack.small_disk import small_disk

DATABASE = "showdown"
# The stack's own user; and the user that services connect as, which has only the rights that the API needs.
OWNER, API_USER = "showdown", "api"
START_SECONDS = 60.0
# Beside those of the services: for a service that is still draining, for seeding and counting, and for Postgres's own
# administrator.
OTHER_CONNECTIONS = 40
# glibc returns freed memory to the system above a threshold. Depending on the layout of its memory, a backend crosses
# that threshold with every statement or never: 30 page faults and 285 µs of CPU for each statement, or 175 µs.
# Such chance must not decide between variants.
ALLOCATOR = {"MALLOC_TOP_PAD_": str(4 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(64 * 2**20)}


@dataclass(frozen=True)
class Postgres:
    """A Postgres that holds the data set."""

    owner_dsn: str
    api_dsn: str
    version: str
    process: Process | None
    """None if the user runs it."""
    disk: Path | None = None
    """Where its disk of its own is mounted, if it has one."""


@contextmanager
def running_postgres(  # noqa: PLR0917 - each is one thing, and no two are of one type
    state: Path,
    logs: Path,
    contract: Served,
    size: int,
    connections: int,
    on_seeded: Callable[[int], object],
    disk_mib: int | None = None,
) -> Iterator[Postgres]:
    """Run a server over the cached cluster with so many recipes, which is made first if there is none.

    `connections`: how many the services may have together. `disk_mib`: the server runs over a copy, on a disk of its
    own with so much room.
    """
    folder = programs.postgres_programs()
    cluster = (
        state / f"postgres-{programs.version(folder / 'postgres')}-{contract.name}-{size}-{_fingerprint(contract.data)}"
    )
    if not cluster.exists():
        _make_cluster(folder, cluster, logs, contract.data, size, on_seeded)
    with (
        nullcontext(cluster) if disk_mib is None else small_disk(state, cluster, disk_mib) as used,
        _server(folder, used, logs, connections=connections) as postgres,
    ):
        # A run that was killed may have left notes behind.
        contract.data.reset(postgres.owner_dsn)
        yield replace(postgres, disk=None if disk_mib is None else used)


def _fingerprint(data: DataSet) -> str:
    """A digest of everything that a cluster's contents are made from."""
    digest = hashlib.sha256()
    for source in (*data.sources, Path(__file__)):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def _make_cluster(  # noqa: PLR0917 - no two have the same meaning
    folder: Path, cluster: Path, logs: Path, data: DataSet, size: int, on_seeded: Callable[[int], object]
) -> None:
    # It has another name until it is complete, so that a cluster with the right name can be used.
    unfinished = cluster.with_name(f"{cluster.name}.unfinished")
    for stale in (unfinished, *_superseded(cluster)):
        shutil.rmtree(stale, ignore_errors=True)
    # Only the data folder in it belongs to the server: elsewhere it could put a link where we write.
    own_folder(unfinished)
    passwords = {user: secrets.token_urlsafe(24) for user in (OWNER, API_USER)}
    write_privately(unfinished / "passwords.json", json.dumps(passwords))
    initdb(folder, unfinished, OWNER, passwords[OWNER])
    with (
        _server(folder, unfinished, logs, database="postgres") as postgres,
        psycopg.connect(postgres.owner_dsn, autocommit=True) as connection,
    ):
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        connection.execute(sql.SQL("CREATE USER {} PASSWORD {}").format(sql.Identifier(API_USER), passwords[API_USER]))
    with _server(folder, unfinished, logs) as postgres:
        data.seed(postgres.owner_dsn, size, on_seeded)
        let_api_in(postgres.owner_dsn, API_USER, data)
    unfinished.rename(cluster)


def let_api_in(owner_dsn: str, api_user: str, data: DataSet) -> None:
    """Give a user the rights that the API needs and no others, and have Postgres count statements where the owner may.

    Only a superuser may, except where a provider allows more: then nobody counts, and a verdict says so.
    """
    with psycopg.connect(owner_dsn) as connection:
        with suppress(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        user, database = sql.Identifier(api_user), sql.Identifier(connection.info.dbname)
        # Everybody has these by default, which a provider may have changed.
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, user))
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(user))
        connection.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}").format(user))
        for table, rights in data.grants.items():
            what = sql.SQL(", ").join(map(sql.SQL, rights))
            connection.execute(sql.SQL("GRANT {} ON {} TO {}").format(what, sql.Identifier(table), user))


def _superseded(cluster: Path) -> Iterator[Path]:
    """Clusters of the same Postgres and size with other contents, which nothing will ever use again."""
    prefix = cluster.name.rpartition("-")[0]
    yield from cluster.parent.glob(f"{prefix}-*")


def initdb(folder: Path, cluster: Path, owner: str, password: str) -> None:
    """Make an empty cluster in cluster/data with the programs in `folder`. Raises ShowdownError."""
    user = postgres_user()
    own_folder(cluster / "data", user)
    password_file = cluster / "password"
    write_privately(password_file, password)
    own(password_file, user)
    command = [
        *launcher("KILL", user=user, reads=[folder]), str(folder / "initdb"), "--pgdata", str(cluster / "data"),
        "--username", owner, "--auth", "scram-sha-256", "--pwfile", str(password_file),
        "--encoding", "UTF8", "--no-locale",
    ]  # fmt: skip
    result = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    password_file.unlink()
    if result.returncode != 0:
        raise ShowdownError(f"initdb failed in {cluster}:\n{(result.stderr or result.stdout).strip()}")


@contextmanager
def _server(
    folder: Path, cluster: Path, logs: Path, database: str = DATABASE, connections: int = 0
) -> Iterator[Postgres]:
    port = free_port()
    settings = cluster / "postgresql.conf"
    most = connections + OTHER_CONNECTIONS
    settings.write_text(config.render("postgresql.conf", listen_address=LOOPBACK, port=port, max_connections=most))
    command = [str(folder / "postgres"), "-D", str(cluster / "data"), "-c", f"config_file={settings}"]
    passwords = json.loads((cluster / "passwords.json").read_text())
    owner_dsn, api_dsn = (Dsn(LOOPBACK, port, user, passwords[user], database).url for user in (OWNER, API_USER))
    # SIGINT asks for Postgres's fast shutdown, which does not wait for clients.
    environment = {**os.environ, **ALLOCATOR}
    with Process(
        "Postgres",
        command,
        logs / "postgres.log",
        environment=environment,
        stop_signal=signal.SIGINT,
        user=postgres_user(),
        reads=[folder],
    ) as process:
        process.wait_until(lambda: answers(owner_dsn), START_SECONDS)
        yield Postgres(owner_dsn, api_dsn, programs.version(folder / "postgres"), process)
    process.require_ended()


def answers(dsn: str) -> bool:
    """Whether Postgres accepts connections."""
    try:
        psycopg.connect(dsn, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
