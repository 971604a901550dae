"""Calls each of rowjson's code paths millions of times, and checks that memory does not grow.

`python -m bench.soak [CALLS]` in pyext, with DATABASE_URL set. Prints the resident memory at ten points, and fails
if it grows by more than 2 MiB after the first of them.
"""

import asyncio
import gc
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import psutil
import typer
from rowjson import Column, Fragment, Group, Many, Nest, One, Shape, dumps, packed

CALLS = 10_000_000
POINTS = 10
MOST_MIB = 2.0
MIB = 1024 * 1024

ROWS = """SELECT i AS id, 'é' || i AS name, now() AS at, ARRAY[i, NULL] AS list, i * 1.10 AS price
    FROM generate_series(1, 3) i"""
NESTED = "SELECT 7 AS id, (1, 'a'::text) AS one, ARRAY[(2, 'b'::text), (3, NULL)] AS many"

Call = Callable[[], object]


@dataclass
class Note:
    text: str
    rating: int | None


class Opaque:
    """It has no JSON form."""


class WithAttributes(asyncpg.Record):
    """A record with another layout, because it has a `__dict__`."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


def main(calls: Annotated[int, typer.Argument()] = CALLS) -> None:
    paths = [*value_calls(), *shape_calls(), *asyncio.run(database_calls())]
    rounds = max(calls // len(paths) // POINTS, 1)
    sizes = []
    for point in range(1, POINTS + 1):
        for _ in range(rounds):
            for call in paths:
                call()
        sizes.append(resident_mib())
        typer.echo(f"{point * rounds * len(paths):>12,} calls {sizes[-1]:8.2f} MiB")
    grown = max(sizes) - sizes[0]
    typer.echo(f"grown by {grown:.2f} MiB after the first point; {MOST_MIB} MiB are allowed")
    raise typer.Exit(code=int(grown > MOST_MIB))


def resident_mib() -> float:
    gc.collect()
    resident: int = psutil.Process().memory_info().rss
    return resident / MIB


def value_calls() -> list[Call]:
    opaque = [Opaque()]
    values = {
        "numbers": [1, 2**80, 1.5, Decimal("1.10"), True, None],
        "texts": ("ascii", "é", "\n", UUID(int=1), Fragment("[1]")),
        "moments": [datetime(2024, 1, 1, tzinfo=UTC), timedelta(hours=1)],
        "notes": [Note("a", 1), Note("b", None)],
        "bytes": b"\xff",
    }
    return [
        lambda: dumps(values, bytes="hex"),
        lambda: dumps(["x" * 3000, [], {}]),
        lambda: dumps(opaque, default=lambda _: {"a": [1, (2,)]}),
        refused(lambda: dumps([{"a": opaque}])),
        refused(lambda: dumps(opaque, default=raising)),
        refused(lambda: dumps({"a": "\ud800"})),
        refused(lambda: dumps({1: 2})),
    ]


def shape_calls() -> list[Call]:
    pair = Shape(["id", "name"])
    deep = Shape(["id", One("one", pair), Many("all", pair)])
    nest = Shape(["id"], {"id": "id", "n": Nest("n", Shape(["key", Column("j", "json")]), key="key", parent="id")})
    group = Shape(["id", "n"], {"id": "id", "all": Group("n", {"n": "n"})}, group_by="id")
    children = [(2, "[1]"), (1, "{}"), (1, None)]
    return [
        lambda: dumps(pair.rows([(1, "a"), [2, "b"]])),
        lambda: dumps(deep.row((1, (2, "a"), [(3, "b")]))),
        lambda: dumps(nest.rows([(1,), (2,)], n=children)),
        lambda: dumps(group.rows([(1, 1), (1, 2), (2, None)])),
        lambda: Shape(["a", "b"], {"x": {"y": "a"}}),
        refused(lambda: dumps(pair.rows([(1,)]))),
        refused(lambda: pair.rows([], more=[])),
        refused(lambda: Shape(["a"], {"x": "b"})),
    ]


async def database_calls() -> list[Call]:
    """Return calls with records and packed rows, which are fetched once."""
    url = os.environ.get("DATABASE_URL")
    if url is None:
        typer.echo("soak: set DATABASE_URL to any Postgres, for records and packed rows to come from", err=True)
        raise typer.Exit(2)
    connection = await asyncpg.connect(url)
    try:
        records = await connection.fetch(ROWS)
        others = await connection.fetch(ROWS, record_class=WithAttributes)
        rows = await connection.fetchval(packed(ROWS))
        nested = await connection.fetchval(packed(NESTED))
    finally:
        await connection.close()
    # A list of Any, because asyncpg's stubs do not say that a Record is a Sequence.
    sources: list[Any] = [records, others]
    flat = Shape(["id", "name", "at", "list", "price"], {"id": "id", "in": {"name": "name"}, "list": "list"})
    pair = Shape(["id", "name"])
    deep = Shape(["id", One("one", pair), Many("many", pair)])
    return [
        lambda: dumps(records),
        lambda: dumps(others),
        lambda: dumps({"all": [*records, *others]}),
        lambda: [dumps(flat.rows(source)) for source in sources],
        lambda: dumps(flat.rows(rows)),
        lambda: dumps(flat.rows(bytearray(rows))),
        lambda: dumps(deep.rows(nested)),
        lambda: dumps(deep.row(nested)),
        refused(lambda: dumps(deep.rows(nested[:-1]))),
        refused(lambda: dumps(pair.rows(rows))),
        refused(lambda: dumps(pair.rows(sources[0]))),
    ]


def refused(write: Call) -> Call:
    """Return a call that expects this one to fail."""

    def call() -> None:
        try:
            write()
        except (TypeError, ValueError, LookupError):
            return
        message = "a call that should have failed did not"
        raise AssertionError(message)

    return call


def raising(_: object) -> object:
    raise LookupError


if __name__ == "__main__":
    typer.run(main)
