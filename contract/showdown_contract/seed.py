"""Loads the data set into an empty database, and resets a used one.

python -m showdown_contract.seed --dsn postgresql://… --size 2000
"""

import argparse
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import chain

import psycopg
from psycopg import sql
from rich.console import Console
from rich.progress import Progress

from showdown_contract.documents import generated_recipe, golden_recipes
from showdown_contract.errors import OtherDataError
from showdown_contract.files import SCHEMA
from showdown_contract.tables import COLUMNS, Row, copy_text, people_rows, recipe_rows

DEFAULT_RECIPES = 2_000
MOST_RECIPES = 1_000_000
# How many documents are in memory at a time. The checksum depends on it, because tables are written batch by batch.
BATCH = 2_000


def seed(dsn: str, size: int, on_progress: Callable[[int], object] = lambda _: None) -> str:
    """Create the tables, and load the golden rows and `recipes` generated recipes, in one transaction.

    `on_progress` is called with the number of generated recipes stored so far. Returns the checksum: SHA-256
    over the bytes given to COPY, which depends only on the number of recipes, on every machine.
    Raises OtherDataError or psycopg.Error.
    """
    checksum = hashlib.sha256()
    with psycopg.connect(dsn) as connection:
        if _tables(connection):
            raise OtherDataError("the database is not empty: name an empty one, the seed never overwrites")
        connection.execute("SET statement_timeout = 0")
        connection.execute(SCHEMA.read_bytes())
        _copy(connection, people_rows(), checksum.update)
        _copy(connection, chain.from_iterable(map(recipe_rows, golden_recipes())), checksum.update)
        for start in range(0, size, BATCH):
            documents = map(generated_recipe, range(start, min(start + BATCH, size)))
            _copy(connection, chain.from_iterable(map(recipe_rows, documents)), checksum.update)
            on_progress(min(start + BATCH, size))
        connection.execute(
            "INSERT INTO seed (recipes, checksum, last_note_id) SELECT %s, %s, max(id) FROM notes",
            (size, checksum.hexdigest()),
        )
    undo_writes(dsn)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute("VACUUM (ANALYZE)")
    return checksum.hexdigest()


def undo_writes(dsn: str) -> int:
    """Delete the notes that clients have added since the seed, and restart ids. Returns how many were deleted."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET statement_timeout = 0")
        deleted = connection.execute("DELETE FROM notes WHERE id > (SELECT last_note_id FROM seed)").rowcount
        connection.execute("SELECT setval(pg_get_serial_sequence('notes', 'id'), last_note_id) FROM seed")
        # Also remove the dead rows, or the next variant would read a bloated table.
        connection.execute("VACUUM (ANALYZE) notes")
    return deleted


def seeded(dsn: str) -> tuple[int, str] | None:
    """(recipes, checksum) of the data set in the database; None if the database is empty.

    Raises OtherDataError if it holds anything else.
    """
    with psycopg.connect(dsn) as connection:
        tables = _tables(connection)
        if not tables:
            return None
        if not set(COLUMNS) | {"seed"} <= tables:
            raise OtherDataError("the database holds other tables than showdown's: name an empty one")
        row = connection.execute("SELECT recipes, checksum FROM seed").fetchone()
    if row is None:
        raise OtherDataError("the database was seeded only in part: drop it and name an empty one")
    return int(row[0]), str(row[1])


def _tables(connection: psycopg.Connection) -> set[str]:
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    return {str(name) for (name,) in rows}


def _copy(connection: psycopg.Connection, rows: Iterable[tuple[str, Row]], on_bytes: Callable[[bytes], object]) -> None:
    by_table: dict[str, list[Row]] = defaultdict(list)
    for table, row in rows:
        by_table[table].append(row)
    for table, columns in COLUMNS.items():
        if table not in by_table:
            continue
        data = copy_text(by_table[table])
        on_bytes(data)
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with connection.cursor().copy(statement) as copy:
            copy.write(data)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m showdown_contract.seed", description=__doc__)
    parser.add_argument("--dsn", required=True, help="an empty database, as its owner")
    parser.add_argument(
        "--size", type=int, default=DEFAULT_RECIPES, metavar="N", help=f"1 to {MOST_RECIPES} (default %(default)s)"
    )
    arguments = parser.parse_args()
    if not 1 <= arguments.size <= MOST_RECIPES:
        parser.error(f"argument --size: {arguments.size} is not from 1 to {MOST_RECIPES}")
    return arguments


def main() -> None:
    arguments = _arguments()
    try:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("seeding", total=arguments.size)
            checksum = seed(arguments.dsn, arguments.size, lambda done: progress.update(task, completed=done))
    except (OtherDataError, psycopg.Error) as error:
        raise SystemExit(f"seed: {str(error).strip()}") from None
    print(f"{arguments.size} recipes, sha256 {checksum}")  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
