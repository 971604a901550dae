"""Postgres on a host of the inventory, with the settings of the local stack."""

import psycopg
from psycopg import sql
from pydantic import SecretStr
from showdown_contract.errors import ShowdownError
from showdown_stack import config
from showdown_stack.postgres import API_USER, DATABASE, OTHER_CONNECTIONS, OWNER

from showdown.stacks.cloud.outputs import DatabaseUser, DatabaseUsers, Outputs
from showdown.stacks.cloud.ssh import RemoteHost

CONNECT_SECONDS = 20
ADMINISTRATION = "postgres"


def started(host: RemoteHost, outputs: Outputs) -> Outputs:
    """Have Postgres run there, for service and generator hosts; returns the outputs with its passwords.

    Raises ShowdownError.
    """
    database = outputs.stack.database
    settings = config.render(
        "postgresql.conf",
        listen_address=host.about.private_address,
        port=database.port,
        max_connections=(database.pool_size or 0) + OTHER_CONNECTIONS,
    )
    clients = [*outputs.stack.of("service"), *outputs.stack.of("generator")]
    access = "".join(f"host all all {client.private_address}/32 scram-sha-256\n" for client in clients)
    told = host.ask("postgres", files={"postgresql.conf": settings, "pg_hba.conf": access})
    try:
        owner, api = (DatabaseUser(name=name, password=SecretStr(told[name])) for name in (OWNER, API_USER))
    except (KeyError, TypeError):
        raise ShowdownError(f"{host.name} does not tell the passwords of its Postgres") from None
    return outputs.model_copy(update={"database_users": DatabaseUsers(owner=owner, api=api)})


def make_database(outputs: Outputs, address: str, port: int) -> None:
    """Make the database and the services' user, where they are not there; through a tunnel that ends at `address`.

    Raises ShowdownError.
    """
    api = outputs.database_users.api
    administered = outputs.with_database_name(ADMINISTRATION)
    dsn = administered.dsn_by_way_of("owner", "", address, port)
    try:
        with psycopg.connect(dsn, autocommit=True, connect_timeout=CONNECT_SECONDS) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [api.name]).fetchone():
                connection.execute(sql.SQL("CREATE USER {}").format(sql.Identifier(api.name)))
            password = api.password.get_secret_value()
            connection.execute(sql.SQL("ALTER USER {} PASSWORD {}").format(sql.Identifier(api.name), password))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    except psycopg.Error as error:
        raise ShowdownError(f"Postgres on its host cannot be set up: {str(error).strip()}") from None
