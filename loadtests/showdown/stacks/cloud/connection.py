"""Connects to the hosts of the cloud's stack, makes them ready for a run, and disconnects at the end."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_stack.dsn import Dsn
from showdown_stack.ports import LOOPBACK, free_port

from showdown.console import doing
from showdown.contenders.variants import Variant
from showdown.contract.contract import load_contract
from showdown.stacks.cloud.advice import ADVICE
from showdown.stacks.cloud.database import doubts as database_doubts
from showdown.stacks.cloud.database import prepare_database
from showdown.stacks.cloud.deploy import Checkout, commit_on
from showdown.stacks.cloud.haproxy import configure, haproxy_config
from showdown.stacks.cloud.hosts import best_clock, common_offset, facts, require_prepared, wait_until_up
from showdown.stacks.cloud.hosts import doubts as hosts_doubts
from showdown.stacks.cloud.outputs import ROLES, DatabaseRole, Outputs
from showdown.stacks.cloud.preflight import (
    require_passwords,
    require_prepared_statements,
    resolve_on_hosts,
    verified_name,
)
from showdown.stacks.cloud.reach import held, new_log_folder, reached
from showdown.stacks.cloud.self_hosted import make_database, started
from showdown.stacks.cloud.ssh import RemoteHost
from showdown.stacks.cloud.stack import CloudStack


def service_host_counts(asked: str | None, outputs: Outputs, variants: Mapping[str, Variant]) -> list[int]:
    """The numbers of service hosts to measure on, from a list such as 1,2,3; all if None. Raises ShowdownError."""
    applied, advice = outputs.stack, ADVICE[outputs.kind]
    available = len(applied.of("service"))
    try:
        counts = [available] if asked is None else sorted({int(count) for count in asked.split(",")})
    except ValueError:
        raise ShowdownError(f"--service-hosts is a list of numbers such as 1,2,3, not {asked!r}") from None
    if not 1 <= counts[0] <= counts[-1] <= available:
        raise ShowdownError(f"--service-hosts {asked}: choose from 1 to {available}, or {advice.more_service_hosts}")
    largest = max(variants, key=lambda name: variants[name].pool)
    needed = counts[-1] * variants[largest].pool
    connections = applied.database.lasting_connections
    if connections is not None and needed > connections:
        raise ShowdownError(
            f"{largest} on {counts[-1]} host(s) needs {needed} database connections and there are {connections}: "
            f"{advice.pool_size} {needed}"
        )
    return counts


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
    if outputs.kind == "terraform":
        require_passwords(outputs.database_users)
    ways = {role: (LOOPBACK, free_port()) for role in ROLES}
    # A run that is refused must not touch the logs of the one that has the hosts.
    with new_log_folder() as before, ExitStack() as resources:
        checkout = Checkout(before)
        # Postgres and its pool may be reachable only from the hosts.
        tunnels = [_tunnel(outputs.dsn(role, ""), *way) for role, way in ways.items()]
        stack = resources.enter_context(reached(outputs.stack.hosts, identity, before, tunnels))
        hosts, everyone = stack.hosts, stack.everyone

        def hold_when_up(host: RemoteHost) -> None:
            if host is stack.haproxy:
                # As early as possible, for another run may have the hosts.
                if commit_on(host) is None:
                    checkout.put_on([host])
                resources.enter_context(held(host, before))

        if outputs.kind == "hosts":
            require_prepared(everyone)
        with doing() as say:
            wait_until_up(everyone, say, hold_when_up)
            say("putting this checkout's commit on all hosts, which takes minutes the first time")
            checkout.put_on(everyone)
        found = {host.name: facts(host) for host in everyone}
        processors = found[stack.haproxy.name].processors
        configure(stack.haproxy, haproxy_config(outputs.stack, load_contract(), processors))
        for host in hosts["postgres"]:
            outputs = started(host, outputs)
            make_database(outputs, *ways["owner"])
        logs = new_logs()
        database_ca = logs.absolute() / "database-ca.crt"
        database_ca.write_text(outputs.database_ca)
        outputs = _with_a_database_that_serves(outputs, str(database_ca), ways, hosts)
        owner_dsn = outputs.dsn_by_way_of("owner", str(database_ca), *ways["owner"])
        postgres = prepare_database(owner_dsn, outputs.database_users.api.name, size, on_seeded)
        yield CloudStack(
            outputs=outputs,
            hosts=hosts,
            facts=found,
            connections=stack.connections,
            owner_dsn=owner_dsn,
            postgres_version=postgres,
            service_hosts=service_hosts,
            logs=logs,
            doubts=[*hosts_doubts(found), *database_doubts(owner_dsn)],
            clock_offset=common_offset({host.name: best_clock(host) for host in everyone}),
        )


def _with_a_database_that_serves(
    outputs: Outputs,
    database_ca: str,
    ways: Mapping[DatabaseRole, tuple[str, int]],
    hosts: Mapping[str, Sequence[RemoteHost]],
) -> Outputs:
    """The outputs, with the name by which hosts can verify the database. Raises ShowdownError."""
    database = outputs.stack.database
    name = verified_name(outputs, database_ca, ways)
    if name != database.host:
        resolve_on_hosts([*hosts["service"], *hosts["generator"]], name, database.host)
    outputs = outputs.with_database_host(name)
    if database.pool_mode == "transaction":
        pool = outputs.dsn_by_way_of("api", database_ca, *ways["api"])
        require_prepared_statements(pool, ADVICE[outputs.kind])
    return outputs


def _tunnel(dsn: Dsn, address: str, port: int) -> str:
    """As for ssh -L: to the database, from a port here."""
    host = f"[{dsn.host}]" if ":" in dsn.host else dsn.host
    return f"{address}:{port}:{host}:{dsn.port}"
