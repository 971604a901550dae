"""Reads from Postgres what it has done for a service."""

from dataclasses import dataclass
from typing import Self

import psycopg

from showdown.measure.results import Work

CONNECT_SECONDS = 30
# The last condition leaves out the runner's own queries: with --dsn, it has the same user as the service.
_STATEMENTS = """
SELECT coalesce(sum(calls), 0), coalesce(sum(rows), 0)
FROM pg_stat_statements s
JOIN pg_roles u ON u.oid = s.userid
WHERE u.rolname = %s AND s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND s.query NOT LIKE '%%pg_stat%%'
"""
# pgbouncer keeps connections from earlier rounds, so only those used since then count. If Postgres hides the times,
# all count.
_CONNECTIONS = """
SELECT count(*)
FROM pg_stat_activity
WHERE usename = %s AND datname = current_database() AND pid <> pg_backend_pid()
  AND coalesce(greatest(backend_start, state_change), now()) >= %s
"""


@dataclass(frozen=True)
class Counts:
    """Counts since the counters' last reset."""

    statements: int
    rows: int


class WorkCounter:
    """A connection to Postgres that counts what the service's user does from now on. Use as a context manager."""

    def __init__(self, owner_dsn: str, api_user: str) -> None:
        self._connection = psycopg.connect(owner_dsn, autocommit=True, connect_timeout=CONNECT_SECONDS)
        self._api_user = api_user
        (self._since,) = self._connection.execute("SELECT now()").fetchone() or (None,)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def counts(self) -> Counts | None:
        """What has been executed so far; None if this Postgres does not count statements."""
        try:
            row = self._connection.execute(_STATEMENTS, [self._api_user]).fetchone()
        except (psycopg.errors.UndefinedTable, psycopg.errors.ObjectNotInPrerequisiteState):
            return None
        return Counts(int(row[0]), int(row[1])) if row else None

    def connections(self) -> int:
        """The service's connections now, without those that it has not used since the count began."""
        row = self._connection.execute(_CONNECTIONS, [self._api_user, self._since]).fetchone()
        return int(row[0]) if row else 0


def work(before: Counts | None, after: Counts | None, requests: int, peak_connections: int) -> Work | None:
    """The work per request between two counts; None without counts or requests."""
    if before is None or after is None or requests == 0:
        return None
    return Work(
        statements_per_request=(after.statements - before.statements) / requests,
        rows_per_request=(after.rows - before.rows) / requests,
        peak_connections=peak_connections,
    )
