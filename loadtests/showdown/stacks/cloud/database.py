"""Prepares Postgres, which is reached through a generator host."""

from collections.abc import Callable

import psycopg
from showdown_stack.external import hold_data_set
from showdown_stack.postgres import let_api_in

from showdown.contract.contract import load_contract


def prepare_database(owner_dsn: str, api_user: str, size: int, on_seeded: Callable[[int], object]) -> str:
    """Seed it if it is empty, have it count statements, give the API's user its rights; return Postgres's version.

    Raises ShowdownError.
    """
    data = load_contract().data
    version = hold_data_set(owner_dsn, data, size, on_seeded, "Postgres")
    let_api_in(owner_dsn, api_user, data)
    return version


def doubts(owner_dsn: str) -> list[str]:
    """What its owner may not see, as notes for the report."""
    with psycopg.connect(owner_dsn) as connection:
        sees_all = connection.execute("SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')").fetchone()
    if sees_all == (True,):
        return []
    return ["Postgres does not tell its owner when connections were used: those that pgbouncer keeps count, too"]
