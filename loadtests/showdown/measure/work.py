"""Counts what Postgres does for a service, in Postgres itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Self

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
# Other variants' connections are idle meanwhile, and a pgbouncer keeps some that others have left behind. Where times
# are hidden from us all count.
_CONNECTIONS = """
SELECT count(*)
FROM pg_stat_activity
WHERE usename = %s AND datname = current_database() AND pid <> pg_backend_pid()
  AND coalesce(greatest(backend_start, state_change), now()) >= %s
"""
# In a transaction a connection is taken, too. Postgres hides states from users without the right to see them. One
# backend writes the commits of several to disk, and the others wait until it has done so.
_ACTIVITY = """
SELECT count(*) = count(*) FILTER (WHERE state IS NULL OR state = 'disabled') AND count(*) > 0,
  count(*) FILTER (WHERE state NOT IN ('idle', 'disabled')),
  count(*) FILTER (WHERE state = 'active' AND wait_event_type = 'Lock'),
  count(*) FILTER (WHERE state = 'active' AND (wait_event_type = 'IO' OR wait_event = 'WALWrite'))
FROM pg_stat_activity
WHERE usename = %s AND datname = current_database() AND pid <> pg_backend_pid()
"""
# Named so that _STATEMENTS leaves it out.
_NOW = "SELECT now() AS pg_stat_since"


@dataclass(frozen=True)
class Counts:
    """Counts since the counters' last reset."""

    statements: int
    rows: int


@dataclass(frozen=True)
class Activity:
    """What the services' connections do at one moment."""

    in_use: int
    waiting_for_locks: int = 0
    waiting_for_disk: int = 0


class WorkCounter:
    """A connection to Postgres that counts what the services' user does. Use as a context manager."""

    def __init__(self, owner_dsn: str, api_user: str) -> None:
        self._connection = psycopg.connect(owner_dsn, autocommit=True, connect_timeout=CONNECT_SECONDS)
        self._api_user = api_user
        self._since: Any = None
        self.begin()

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

    def begin(self) -> None:
        """Connections count that are used from now on."""
        (self._since,) = self._connection.execute(_NOW).fetchone() or (None,)

    def connections(self) -> int:
        """How many connections services have now that were used since begin()."""
        row = self._connection.execute(_CONNECTIONS, [self._api_user, self._since]).fetchone()
        return int(row[0]) if row else 0

    def activity(self) -> Activity | None:
        """What services use connections for at this moment; None where this Postgres does not tell."""
        hidden, *counts = self._connection.execute(_ACTIVITY, [self._api_user]).fetchone() or (True,)
        return None if hidden else Activity(*map(int, counts))


def work(
    before: Counts | None, after: Counts | None, requests: int, connections: int, looks: Sequence[Activity | None] = ()
) -> Work | None:
    """What was done between two counts for so many requests; None where nobody counted.

    `looks`: what connections did at several moments.
    """
    if before is None or after is None or requests == 0:
        return None
    known = [look for look in looks if look is not None]
    return Work(
        statements_per_request=(after.statements - before.statements) / requests,
        rows_per_request=(after.rows - before.rows) / requests,
        peak_connections=connections,
        active_connections=fmean(look.in_use for look in known) if known else None,
        waiting_for_locks=fmean(look.waiting_for_locks for look in known) if known else None,
        waiting_for_disk=fmean(look.waiting_for_disk for look in known) if known else None,
    )
