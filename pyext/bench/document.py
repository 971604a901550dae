"""Ways from the row of a whole recipe, with its children in arrays of composites, to the contract's document."""

import asyncio
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import rowjson

from bench import recipe
from bench.database import connect
from bench.errors import BenchError

# The contract's SQL, found by its path, because the benchmark imports nothing of the repository.
QUERIES = Path(__file__).resolve().parents[2] / "contract" / "queries"
SESSION = "session-of-user-0000"
PYDANTIC, ORJSON, RECORD, PACKED = "pydantic, as in 2022", "orjson", "rowjson, Shape", "rowjson, Shape, packed row"


class Rows(NamedTuple):
    """The same row, decoded by asyncpg (composites are tuples) and packed by Postgres."""

    record: Any
    packed: bytes


WAYS: dict[str, Callable[[Rows], bytes]] = {
    PYDANTIC: lambda rows: recipe.Recipe.model_validate(recipe.recipe(rows.record)).model_dump_json().encode(),
    ORJSON: lambda rows: orjson.dumps(recipe.recipe(rows.record), option=orjson.OPT_UTC_Z),
    RECORD: lambda rows: rowjson.dumps(recipe.SHAPE.row(rows.record)),
    PACKED: lambda rows: rowjson.dumps(recipe.SHAPE.row(rows.packed)),
}


@cache
def rows() -> Rows:
    """The first recipe that a user of the seed may see. Raises BenchError if there is none."""
    return asyncio.run(_fetch())


async def _fetch() -> Rows:
    first, whole = _query("recipe_list_single"), _query("recipe_single")
    # The query has its own lines, for it may end in a comment.
    packed = f"SELECT record_send(t) FROM (\n{whole}\n) t"  # noqa: S608  # ours
    connection = await connect()
    try:
        id_: int | None = await connection.fetchval(first, SESSION, 0, 1)
        if id_ is None:
            raise BenchError(f"{SESSION} sees no recipe: seed the database as `showdown up` does")
        record = await connection.fetchrow(whole, SESSION, id_)
        return Rows(record, await connection.fetchval(packed, SESSION, id_))
    finally:
        await connection.close()


def _query(name: str) -> str:
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8")
