"""The database that the rows come from."""

import os

import asyncpg

from bench.errors import BenchError


async def connect() -> "asyncpg.Connection[asyncpg.Record]":
    """A connection to $DATABASE_URL. Raises BenchError without one."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise BenchError("DATABASE_URL is not set: run this after `showdown up --database-only --`")
    try:
        return await asyncpg.connect(url)
    except (OSError, asyncpg.PostgresError) as error:
        raise BenchError(f"DATABASE_URL leads to no Postgres: {error}") from error
