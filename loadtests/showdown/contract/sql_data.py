"""A data set that is SQL files: a schema, what is in it, and how to get back to that."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from showdown_contract.errors import OtherDataError, ShowdownError

# What was loaded, so that a stack can tell whether this database is the one it needs. One row.
_MARK = """
CREATE TABLE showdown_seed (fingerprint text NOT NULL);
INSERT INTO showdown_seed VALUES ('{}');
"""
_TABLES = "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"


@dataclass(frozen=True)
class SqlData:
    """One size of data, without a formula. The files are run by the owner of the database."""

    schema: Path
    fill: Path
    undo: Path
    grants: Mapping[str, Sequence[str]]

    @property
    def sources(self) -> list[Path]:
        return [self.schema, self.fill]

    def seed(self, dsn: str, size: int, on_progress: Callable[[int], object]) -> None:
        """In one transaction. `size` is 0: there is but one."""
        with psycopg.connect(dsn) as connection:
            if self._tables(connection):
                raise OtherDataError("the database is not empty: name an empty one, the seed never overwrites")
            connection.execute("SET statement_timeout = 0")
            for file in (self.schema, self.fill):
                _run(connection, file)
            connection.execute(_MARK.format(self._fingerprint()).encode())
        self.reset(dsn)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("SET statement_timeout = 0")
            connection.execute("VACUUM (ANALYZE)")
        on_progress(size)

    def held(self, dsn: str) -> int | None:
        with psycopg.connect(dsn) as connection:
            if not self._tables(connection):
                return None
            try:
                row = connection.execute("SELECT fingerprint FROM showdown_seed").fetchone()
            except psycopg.errors.UndefinedTable:
                row = None
        if row != (self._fingerprint(),):
            raise OtherDataError("the database holds something else than this contract's data set: name an empty one")
        return 0

    def reset(self, dsn: str) -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("SET statement_timeout = 0")
            _run(connection, self.undo)
            for table in self.grants:
                # The dead rows too, or the next variant would read a bloated table.
                connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))

    def _fingerprint(self) -> str:
        return hashlib.sha256(b"".join(source.read_bytes() for source in self.sources)).hexdigest()

    @staticmethod
    def _tables(connection: psycopg.Connection) -> int:
        row = connection.execute(_TABLES).fetchone()
        return int(row[0]) if row else 0


def _run(connection: psycopg.Connection, file: Path) -> None:
    """Raises ShowdownError that names the file."""
    try:
        connection.execute(file.read_bytes())
    except psycopg.Error as error:
        raise ShowdownError(f"{file}: {str(error).strip()}") from None
