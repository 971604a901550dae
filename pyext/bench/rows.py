"""The rows that are timed: ten columns, among them two timestamps and an array; about 290 bytes of JSON each."""

import asyncio
from functools import cache

import asyncpg

from bench.database import connect
from bench.errors import BenchError

SIZES = (1, 10, 100, 1_000)
COLUMNS = (
    "id", "title", "author", "source", "servings", "minutes", "tags", "archived", "created_at", "updated_at",
)  # fmt: skip
# The first thousand are the contract's golden cases, which are unusual rows.
SQL = f"SELECT {', '.join(COLUMNS)} FROM recipes WHERE id > 1000 ORDER BY id LIMIT $1"  # noqa: S608  # ours


@cache
def records(count: int) -> list[asyncpg.Record]:
    """Rows as asyncpg returns them. Raises BenchError if the database has fewer than `count`."""
    rows = asyncio.run(_fetch(count))
    if len(rows) < count:
        raise BenchError(f"the database holds {len(rows)} of the {count} rows: seed more with --size")
    return rows


async def _fetch(count: int) -> list[asyncpg.Record]:
    connection = await connect()
    try:
        return await connection.fetch(SQL, count)
    finally:
        await connection.close()
