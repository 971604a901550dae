"""Ways from a query to JSON, including the fetch, and the CPU time that they take in client and server."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import orjson
import rowjson
import uvloop

from bench.contenders import SHAPE
from bench.database import connect
from bench.errors import BenchError
from bench.rows import SQL

if TYPE_CHECKING:
    import asyncpg
    from asyncpg.prepared_stmt import PreparedStatement

DICTS, POSTGRES, PACKED = "fetch, dict(record), orjson", "json_agg in Postgres", "packed rows, rowjson"
CLIENT, SERVER = "client", "server"
# As many as a service has. On one alone, the client would wait, and each wake-up costs time.
CONNECTIONS = 10

# In quotes, because asyncpg's class takes no type parameter, but that of its stubs does.
Statement: TypeAlias = "PreparedStatement[Any]"
# From a prepared statement and a number of rows to JSON.
Answer: TypeAlias = Callable[[Statement, int], Awaitable[bytes]]


class Way(NamedTuple):
    """A statement whose parameter is the number of rows, and what is done with its result."""

    sql: str
    answer: Answer


async def _dicts(statement: Statement, count: int) -> bytes:
    return orjson.dumps([dict(record) for record in await statement.fetch(count)], option=orjson.OPT_UTC_Z)


async def _postgres(statement: Statement, count: int) -> bytes:
    text: str = await statement.fetchval(count)
    return text.encode()


async def _packed(statement: Statement, count: int) -> bytes:
    return rowjson.dumps(SHAPE.rows(await statement.fetchval(count)))


WAYS: dict[str, Way] = {
    DICTS: Way(SQL, _dicts),
    # Timestamps stay as Postgres writes them. Formatting them as the others do would cost Postgres more.
    POSTGRES: Way(f"SELECT json_agg(t) FROM ({SQL}) t", _postgres),  # noqa: S608  # ours
    PACKED: Way(rowjson.packed(SQL), _packed),
}


class Session:
    """Connections on an own uvloop, on each of which the statement is prepared."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._loop = uvloop.new_event_loop()
        # Kept, because asyncpg closes a connection that nothing refers to.
        self._connections: list[asyncpg.Connection[asyncpg.Record]] = []
        self._statements: list[Statement] = []
        self._loop.run_until_complete(self._open())

    async def _open(self) -> None:
        for _ in range(CONNECTIONS):
            connection = await connect()
            self._connections.append(connection)
            self._statements.append(await connection.prepare(self._way.sql))

    def answer(self, count: int) -> bytes:
        return self._loop.run_until_complete(self._repeat(self._statements[0], count, 1))

    def cpu_seconds(self, of: str, count: int, calls: int) -> float:
        """The CPU time in client or server of `calls` answers of `count` rows on every connection."""
        clock = time.process_time_ns if of == CLIENT else self._server_time_ns
        before = clock()
        self._loop.run_until_complete(self._repeat_on_all(count, calls))
        return (clock() - before) / 1e9

    async def _repeat_on_all(self, count: int, calls: int) -> None:
        await asyncio.gather(*(self._repeat(statement, count, calls) for statement in self._statements))

    async def _repeat(self, statement: Statement, count: int, calls: int) -> bytes:
        for _ in range(calls):
            body = await self._way.answer(statement, count)
        return body

    def _server_time_ns(self) -> int:
        # In ns, while /proc/PID/stat counts in ticks of 10 ms.
        accounts = [Path(f"/proc/{connection.get_server_pid()}/schedstat") for connection in self._connections]
        try:
            return sum(int(account.read_text().split()[0]) for account in accounts)
        except OSError as error:
            raise BenchError(f"no CPU time of the server ({error}): Postgres must run on this machine") from error
