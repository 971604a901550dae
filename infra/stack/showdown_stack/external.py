"""A Postgres that the user names by a DSN: it is seeded if it is empty, and never stopped."""

from collections.abc import Callable
from dataclasses import replace

import psycopg
from showdown_contract.errors import OtherDataError, ShowdownError

from showdown_stack.contract import DataSet
from showdown_stack.dsn import Dsn
from showdown_stack.postgres import Postgres


def external_postgres(dsn: str, data: DataSet, size: int, on_seeded: Callable[[int], object]) -> Postgres:
    """The user's Postgres with the data set. Raises ShowdownError if it cannot be reached or holds something else."""
    target = Dsn.parse(dsn)
    # By default some drivers would encrypt, without verifying anything, and others would not: unequal work.
    dsn = replace(target, sslmode=target.sslmode or "disable").url
    version = hold_data_set(dsn, data, size, on_seeded, "--dsn")
    return Postgres(owner_dsn=dsn, api_dsn=dsn, version=version, process=None)


def hold_data_set(dsn: str, data: DataSet, size: int, on_seeded: Callable[[int], object], name: str) -> str:
    """Seed a database if it is empty, undo what clients have written to it, and return Postgres's version.

    `dsn` is for libpq. Raises ShowdownError; its message begins with `name`.
    """
    try:
        held = data.held(dsn)
        if held is None:
            data.seed(dsn, size, on_seeded)
        elif held != size:
            raise ShowdownError(f"{name}: the database holds {held} recipes: say --size {held}, or empty it")
        with psycopg.connect(dsn) as connection:
            version = f"{connection.info.server_version // 10000}.{connection.info.server_version % 10000}"
        data.reset(dsn)
    except (OtherDataError, psycopg.Error) as error:
        raise ShowdownError(f"{name}: {str(error).strip()}") from None
    return version
