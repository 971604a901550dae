"""A Postgres that the user names by a DSN: used, seeded where it is empty, never stopped."""

from collections.abc import Callable

import psycopg
from showdown_contract.seed import NotEmptyError, seed, seeded, undo_writes

from local_stack.dsn import Dsn
from local_stack.errors import StackError
from local_stack.postgres import Postgres


def external_postgres(dsn: str, recipes: int, on_seeded: Callable[[int], object]) -> Postgres:
    """The data set in the user's database. Raises StackError where it cannot be reached or holds something else."""
    dsn = Dsn.parse(dsn).url
    try:
        held = seeded(dsn)
        if held is None:
            seed(dsn, recipes, on_seeded)
        elif held[0] != recipes:
            raise StackError(f"the database of --dsn holds {held[0]} recipes: say --recipes {held[0]}, or empty it")
        with psycopg.connect(dsn) as connection:
            version = f"{connection.info.server_version // 10000}.{connection.info.server_version % 10000}"
        undo_writes(dsn)
    except NotEmptyError as error:
        raise StackError(f"--dsn: {error}") from None
    except psycopg.Error as error:
        raise StackError(f"--dsn: {str(error).strip()}") from None
    return Postgres(owner_dsn=dsn, api_dsn=dsn, version=version, process=None)
