"""What a 201 promises: that what it says was made is there afterwards."""

import json
from collections.abc import Iterable, Sequence

import psycopg
from psycopg import sql
from pydantic import TypeAdapter, ValidationError

from showdown.faults.fault_file import Acknowledged
from showdown.generators.arrival_log import Arrived

_ID = TypeAdapter(int)


def acknowledged_ids(arrivals: Iterable[Arrived], what: Acknowledged) -> list[int | None]:
    """The ids that answers with 201 gave; None for an answer without one."""
    return [_id(each.created) for each in arrivals if each.kind == what.kind and each.created]


def lost(ids: Sequence[int | None], what: Acknowledged, dsn: str) -> int:
    """How many of them the table does not have; an answer without an id counts as one that is lost."""
    known = {each for each in ids if each is not None}
    with psycopg.connect(dsn) as connection:
        query = sql.SQL("SELECT id FROM {} WHERE id = ANY(%s)").format(sql.Identifier(what.table))
        there = {row[0] for row in connection.execute(query, [list(known)])}
    # One id in two answers is one note for two who were told of one.
    return len(ids) - len(known & there)


def _id(body: str) -> int | None:
    try:
        return _ID.validate_python(json.loads(body)["id"], strict=True)
    except (ValueError, KeyError, TypeError, ValidationError):
        return None
