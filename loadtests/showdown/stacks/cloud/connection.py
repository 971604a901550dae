"""Connects to the hosts of the cloud's stack, makes them ready for a run, and disconnects at the end."""

import getpass
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_stack.ports import LOOPBACK, free_port
from showdown_stack.state import state_folder

from showdown.console import doing
from showdown.contenders.variants import Variant
from showdown.stacks.cloud.database import doubts as database_doubts
from showdown.stacks.cloud.database import prepare_database
from showdown.stacks.cloud.hosts import best_clock, common_offset, facts, wait_until_up
from showdown.stacks.cloud.hosts import doubts as hosts_doubts
from showdown.stacks.cloud.outputs import Applied, Outputs
from showdown.stacks.cloud.preflight import (
    require_passwords,
    require_prepared_statements,
    resolve_on_hosts,
    verified_name,
)
from showdown.stacks.cloud.ssh import RemoteHost, Ssh, Task
from showdown.stacks.cloud.stack import CloudStack

TIERS = ("haproxy", "service", "generator")


def service_host_counts(asked: str | None, applied: Applied, variants: Mapping[str, Variant]) -> list[int]:
    """The numbers of service hosts to measure on, from a list such as 1,2,3; all if None. Raises ShowdownError."""
    available = len(applied.of("service"))
    try:
        counts = [available] if asked is None else sorted({int(count) for count in asked.split(",")})
    except ValueError:
        raise ShowdownError(f"--service-hosts is a list of numbers such as 1,2,3, not {asked!r}") from None
    if not 1 <= counts[0] <= counts[-1] <= available:
        raise ShowdownError(
            f"--service-hosts {asked}: choose from 1 to {available}, or apply with a larger service_count"
        )
    largest = max(variants, key=lambda name: variants[name].pool)
    needed = counts[-1] * variants[largest].pool
    if applied.database.pool_mode == "session" and needed > applied.database.pool_size:
        raise ShowdownError(
            f"{largest} on {counts[-1]} host(s) needs {needed} database connections and pgbouncer has "
            f"{applied.database.pool_size}: apply with pool_size = {needed}"
        )
    return counts


def held(host: RemoteHost, logs: Path) -> Task:
    """Reserve the hosts for this run, until the task is stopped. Raises ShowdownError if another run has them."""
    task = host.start("the run's lock", logs / "lock", "hold", holder=f"{getpass.getuser()} at {platform.node()}")
    try:
        return task.wait_until_ready()
    except BaseException:
        task.stop()
        raise


@contextmanager
def connected_stack(  # noqa: PLR0917 - no two have the same type
    outputs: Outputs,
    service_hosts: list[int],
    identity: Path | None,
    size: int,
    new_logs: Callable[[], Path],
    on_seeded: Callable[[int], object],
) -> Iterator[CloudStack]:
    """Connect to the hosts, wait until they are up, and seed the database if it is empty.

    `new_logs` makes the folder for logs, once this run has the hosts; logs from before that are in the state folder.
    Raises ShowdownError if any of this fails.
    """
    require_passwords(outputs.database_users)
    state = state_folder()
    state.mkdir(parents=True, exist_ok=True)
    # A run that is refused must not touch the logs of the one that has the hosts.
    before = Path(tempfile.mkdtemp(prefix="ssh-", dir=state))
    with ExitStack() as resources:
        sockets = Path(resources.enter_context(tempfile.TemporaryDirectory(prefix="showdown-")))
        # Absolute, for ssh runs in another folder.
        ssh = Ssh(sockets, state / "known_hosts", identity.absolute() if identity else None)
        hosts = {tier: [RemoteHost(about, ssh) for about in outputs.stack.of(tier)] for tier in TIERS}
        everyone = [host for tier in hosts.values() for host in tier]
        # Postgres and its pool can be reached only from inside the VPC.
        database, inside = outputs.stack.database, hosts["generator"][0]
        ways = {port: (LOOPBACK, free_port()) for port in (database.port, database.pool_port)}
        tunnels = [f"{address}:{local}:{database.host}:{port}" for port, (address, local) in ways.items()]
        connections = []
        for host in everyone:
            with doing(f"waiting for {host.name} to let us in"):
                connection = host.connect(before / f"ssh-{host.name}.log", tunnels if host is inside else [])
            connections.append(resources.enter_context(connection))

        def hold_when_up(host: RemoteHost) -> None:
            if host is hosts["haproxy"][0]:
                # As early as possible, for another run may have the hosts.
                resources.enter_context(held(host, before))

        with doing() as say:
            wait_until_up(everyone, say, hold_when_up)
        found = {host.name: facts(host, outputs.stack.revision) for host in everyone}
        logs = new_logs()
        database_ca = logs.absolute() / "database-ca.crt"
        database_ca.write_text(outputs.database_ca)
        outputs = _with_a_database_that_serves(outputs, str(database_ca), ways, hosts)
        owner_dsn = outputs.owner_dsn(str(database_ca), *ways[database.port])
        postgres = prepare_database(owner_dsn, outputs.database_users.api.name, size, on_seeded)
        yield CloudStack(
            outputs=outputs,
            hosts=hosts,
            facts=found,
            connections=connections,
            owner_dsn=owner_dsn,
            postgres_version=postgres,
            service_hosts=service_hosts,
            logs=logs,
            doubts=[*hosts_doubts(found), *database_doubts(owner_dsn)],
            clock_offset=common_offset({host.name: best_clock(host) for host in everyone}),
        )
    # After a failure they are kept: the message names them.
    shutil.rmtree(before, ignore_errors=True)


def _with_a_database_that_serves(
    outputs: Outputs, database_ca: str, ways: Mapping[int, tuple[str, int]], hosts: Mapping[str, Sequence[RemoteHost]]
) -> Outputs:
    """The outputs, with the name by which hosts can verify the database. Raises ShowdownError."""
    database = outputs.stack.database
    name = verified_name(outputs, database_ca, ways)
    if name != database.host:
        resolve_on_hosts([*hosts["service"], *hosts["generator"]], name, database.host)
    outputs = outputs.with_database_host(name)
    if database.pool_mode == "transaction":
        require_prepared_statements(outputs.dsn_by_way_of(database.pool_port, database_ca, *ways[database.pool_port]))
    return outputs
