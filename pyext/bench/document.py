"""Ways from the row of a whole recipe, its children in arrays of composites, to the document of the contract."""

import asyncio
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import rowjson

from bench.database import connect
from bench.errors import BenchError
from python_service import document, models, queries, serializers, shapes

SESSION = "session-of-user-0000"
PYDANTIC, ORJSON, RECORD, PACKED = "pydantic, as in 2022", "orjson", "rowjson, Shape", "rowjson, Shape, packed row"


class Rows(NamedTuple):
    """The same row, decoded by asyncpg (composites are tuples) and packed by Postgres."""

    record: Any
    packed: bytes


WAYS: dict[str, Callable[[Rows], bytes]] = {
    PYDANTIC: lambda rows: serializers.with_pydantic(document.recipe(rows.record), models.Recipe),
    ORJSON: lambda rows: serializers.with_orjson(document.recipe(rows.record), models.Recipe),
    RECORD: lambda rows: rowjson.dumps(shapes.RECIPE.row(rows.record)),
    PACKED: lambda rows: rowjson.dumps(shapes.RECIPE.row(rows.packed)),
}


@cache
def rows() -> Rows:
    """The first recipe that a user of the seed may see. Raises BenchError without one."""
    return asyncio.run(_fetch())


async def _fetch() -> Rows:
    sql = queries.load()
    connection = await connect()
    try:
        recipe: int | None = await connection.fetchval(sql.recipe_list_single, SESSION, 0, 1)
        if recipe is None:
            raise BenchError(f"{SESSION} sees no recipe: seed the database as `showdown up` does")
        record = await connection.fetchrow(sql.recipe_single, SESSION, recipe)
        packed: bytes = await connection.fetchval(queries.packed_row(sql.recipe_single), SESSION, recipe)
    finally:
        await connection.close()
    return Rows(record, packed)
