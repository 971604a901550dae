"""Finds, before anything is measured, what would go wrong later; each finding says what to do."""

from collections.abc import Mapping, Sequence

import psycopg
from showdown_contract.errors import ShowdownError

from showdown.stacks.cloud.advice import ADVICE, Advice
from showdown.stacks.cloud.outputs import DatabaseRole, DatabaseUsers, Outputs
from showdown.stacks.cloud.ssh import RemoteHost

# What libpq's message says then.
OTHER_CA, OTHER_PASSWORD = "certificate verify failed", "password authentication failed"
MAY_NOT_CONNECT = "permission denied for database"
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


def verified_name(outputs: Outputs, database_ca: str, ways: Mapping[DatabaseRole, tuple[str, int]]) -> str:
    """The name of the database's that its certificate has: the private one, if that will do.

    `ways`: to Postgres and to the pool, which may have different certificates, a tunnel's address and port.
    Raises ShowdownError if neither name will do, or something else is wrong.
    """
    database, advice = outputs.stack.database, ADVICE[outputs.kind]
    names = list(dict.fromkeys((database.host, database.public_host)))
    for name in names:
        named = outputs.with_database_host(name)
        if all(
            _is_its_name(named.dsn(role, database_ca).port, named.dsn_by_way_of(role, database_ca, *way), advice)
            for role, way in ways.items()
        ):
            return name
    raise ShowdownError(
        f"the database's certificates do not name {' or '.join(names)}, so that no service can verify it: "
        f"{advice.other_name}"
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


def require_prepared_statements(pool_dsn: str, advice: Advice) -> None:
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
                f"({str(error).strip()}), which services use: {advice.session_mode}"
            ) from None


def _is_its_name(port: int, dsn: str, advice: Advice) -> bool:
    """Whether the server that a DSN reaches has a certificate for the DSN's host. Raises ShowdownError."""
    try:
        psycopg.connect(dsn, connect_timeout=CONNECT_SECONDS).close()
    except psycopg.OperationalError as error:
        said = str(error).strip()
        if ANOTHER_NAME in said:
            return False
        remedies = {
            OTHER_CA: advice.other_ca,
            OTHER_PASSWORD: advice.refused_login,
            MAY_NOT_CONNECT: "its user may not connect: the database's owner has to `GRANT CONNECT ON DATABASE` to it",
        }
        remedy = next((remedy for reason, remedy in remedies.items() if reason in said), advice.not_let_in)
        raise ShowdownError(f"the database at port {port}: {remedy}.\n{said}") from None
    return True
