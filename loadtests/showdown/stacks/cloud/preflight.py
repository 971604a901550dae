"""Finds, before anything is measured, what would go wrong later; each finding says what to do."""

from collections.abc import Mapping, Sequence

import psycopg
from showdown_contract.errors import ShowdownError

from showdown.stacks.cloud.outputs import DatabaseUsers, Outputs
from showdown.stacks.cloud.ssh import RemoteHost

# What libpq's message says, and what to do then.
REMEDIES = {
    "certificate verify failed": "its certificate is of another CA than Terraform's outputs say: "
    "`terraform -chdir=infra apply -refresh-only` reads it anew",
    "password authentication failed": "the password has been changed since the last apply: "
    "`terraform -chdir=infra apply -refresh-only` reads it anew",
    "permission denied for database": "its user may not connect: the database's owner has to "
    "`GRANT CONNECT ON DATABASE` to it",
}
NOT_LET_IN = (
    "it does not let the generator host in: look at the trusted sources of the database, "
    "which `terraform -chdir=infra apply` sets"
)
ANOTHER_NAME = "does not match host name"
CONNECT_SECONDS = 20


def require_passwords(users: DatabaseUsers) -> None:
    """Raise ShowdownError where Terraform was not told a password, which needs a scope of its own."""
    for user in (users.owner, users.api):
        if not user.name or not user.password.get_secret_value():
            raise ShowdownError(
                f"Terraform has no password for the database's user {user.name or 'of its own'}: give the token "
                "the scope database:view_credentials, then `terraform -chdir=infra apply -refresh-only`"
            )


def verified_name(outputs: Outputs, database_ca: str, ways: Mapping[int, tuple[str, int]]) -> str:
    """The name of the database's that its certificate has: the private one, if that will do.

    `ways`: to each port of the database, which may have different certificates, a tunnel's address and port.
    Raises ShowdownError if neither name will do, or something else is wrong.
    """
    database = outputs.stack.database
    names = list(dict.fromkeys((database.host, database.public_host)))
    for name in names:
        named = outputs.with_database_host(name)
        if all(_is_its_name(port, named.dsn_by_way_of(port, database_ca, *way)) for port, way in ways.items()):
            return name
    raise ShowdownError(
        f"the database's certificates name neither {' nor '.join(names)}, so that no service can verify it: "
        "open a ticket with the provider"
    )


def resolve_on_hosts(hosts: Sequence[RemoteHost], name: str, private_name: str, file: str = "/etc/hosts") -> None:
    """Have hosts reach the database inside the VPC by a name that resolves elsewhere. Raises ShowdownError."""
    command = (
        f"address=$(getent ahostsv4 {private_name} | head -n 1 | cut -d ' ' -f 1) && test -n \"$address\" && "
        f"sed -i '/ {name}$/d' {file} && printf '%s {name}\\n' \"$address\" >> {file}"
    )
    for host in hosts:
        if (result := host.run(command)).returncode != 0:
            raise ShowdownError(
                f"{host.name} cannot resolve {private_name}, the database's name in the VPC: {result.stderr.strip()}"
            )


def require_prepared_statements(pool_dsn: str) -> None:
    """Raise ShowdownError if a pool that lends connections for a transaction mixes up what clients have prepared."""
    options = {"autocommit": True, "prepare_threshold": 0, "connect_timeout": CONNECT_SECONDS}
    with psycopg.connect(pool_dsn, **options) as one, psycopg.connect(pool_dsn, **options) as another:  # type: ignore[arg-type]
        try:
            # Both call it by the same name, and get the same connection to Postgres.
            for client in (one, another, one):
                client.execute("SELECT 1 WHERE 1 = %s", [1])
        except (psycopg.errors.DuplicatePreparedStatement, psycopg.errors.InvalidSqlStatementName) as error:
            raise ShowdownError(
                "the pool lends connections for a transaction and does not keep track of prepared statements "
                f'({str(error).strip()}), which services use: apply with pool_mode = "session"'
            ) from None


def _is_its_name(port: int, dsn: str) -> bool:
    """Whether the server that a DSN reaches has a certificate for the DSN's host. Raises ShowdownError."""
    try:
        psycopg.connect(dsn, connect_timeout=CONNECT_SECONDS).close()
    except psycopg.OperationalError as error:
        said = str(error).strip()
        if ANOTHER_NAME in said:
            return False
        remedy = next((remedy for reason, remedy in REMEDIES.items() if reason in said), NOT_LET_IN)
        raise ShowdownError(f"the database at port {port}: {remedy}.\n{said}") from None
    return True
