"""A Postgres that the user names by a DSN: used, seeded where it is empty, never stopped."""

from collections.abc import Callable
from dataclasses import replace

import psycopg
from showdown_contract.errors import ShowdownError
from showdown_contract.seed import NotEmptyError, seed, seeded, undo_writes

from showdown_stack.dsn import Dsn
from showdown_stack.postgres import Postgres


def external_postgres(dsn: str, recipes: int, on_seeded: Callable[[int], object]) -> Postgres:
    """The data set in the user's database. Raises ShowdownError where it cannot be reached or holds something else."""
    target = Dsn.parse(dsn)
    # Left to themselves some drivers would encrypt, without verifying anything, and others not: unequal work.
    dsn = replace(target, sslmode=target.sslmode or "disable").url
    version = hold_data_set(dsn, recipes, on_seeded, "--dsn")
    return Postgres(owner_dsn=dsn, api_dsn=dsn, version=version, process=None)


def hold_data_set(dsn: str, recipes: int, on_seeded: Callable[[int], object], name: str) -> str:
    """Seed a database where it is empty, and undo what was written to it; Postgres's version.

    `dsn` is for libpq. Raises ShowdownError, which calls the database by its `name`.
    """
    try:
        held = seeded(dsn)
        if held is None:
            seed(dsn, recipes, on_seeded)
        elif held[0] != recipes:
            raise ShowdownError(f"{name}: the database holds {held[0]} recipes: say --recipes {held[0]}, or empty it")
        with psycopg.connect(dsn) as connection:
            version = f"{connection.info.server_version // 10000}.{connection.info.server_version % 10000}"
        undo_writes(dsn)
    except (NotEmptyError, psycopg.Error) as error:
        raise ShowdownError(f"{name}: {str(error).strip()}") from None
    return version
