"""What the pool promises, shown with connections that connect to nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import asyncpg
import pytest
from python_service.starlette_app.pool import Connection, Pool


class Fake:
    """The part of a connection that a pool uses."""

    def __init__(self) -> None:
        self.closed = False

    def is_closed(self) -> bool:
        return self.closed

    async def close(self, *, timeout: float) -> None:  # noqa: ASYNC109  # asyncpg's signature
        assert timeout > 0
        self.closed = True

    def terminate(self) -> None:
        self.closed = True


class Server:
    """Makes connections and lists them; raises `error`, where there is one, in place of the next."""

    def __init__(self) -> None:
        self.made: list[Fake] = []
        self.error: Exception | None = None

    async def connect(self) -> Connection:
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        self.made.append(Fake())
        return cast("Connection", self.made[-1])


def with_pool(size: int, test: Callable[[Pool, Server], Awaitable[None]], seconds: float = 30) -> None:
    async def run() -> None:
        server = Server()
        await test(Pool(server.connect, size, seconds), server)

    asyncio.run(run())


def test_the_connection_used_last_is_used_next() -> None:
    async def test(pool: Pool, server: Server) -> None:
        first, second = await pool.acquire(), await pool.acquire()
        await pool.release(first)
        await pool.release(second)
        assert await pool.acquire() is second
        assert len(server.made) == 2

    with_pool(2, test)


def test_waiting_requests_get_released_connections_in_order() -> None:
    async def test(pool: Pool, server: Server) -> None:
        only = await pool.acquire()
        served = []

        async def use(name: str) -> None:
            connection = await pool.acquire()
            served.append(name)
            await pool.release(connection)

        waiting = [asyncio.create_task(use(name)) for name in "abc"]
        await asyncio.sleep(0)
        await pool.release(only)
        await asyncio.gather(*waiting)
        assert served == ["a", "b", "c"]
        assert len(server.made) == 1

    with_pool(1, test)


def test_never_more_connections_than_its_size() -> None:
    async def test(pool: Pool, server: Server) -> None:
        in_use = most = 0

        async def use() -> None:
            nonlocal in_use, most
            connection = await pool.acquire()
            in_use += 1
            most = max(most, in_use)
            await asyncio.sleep(0)
            in_use -= 1
            await pool.release(connection)

        await asyncio.gather(*(use() for _ in range(50)))
        assert most == len(server.made) == 3

    with_pool(3, test)


def test_no_connection_in_time_is_a_timeout_and_costs_no_place() -> None:
    async def test(pool: Pool, _server: Server) -> None:
        only = await pool.acquire()
        with pytest.raises(TimeoutError):
            await pool.acquire()
        await pool.release(only)
        assert await pool.acquire() is only

    with_pool(1, test, seconds=0.01)


def test_a_closed_connection_is_replaced() -> None:
    async def test(pool: Pool, server: Server) -> None:
        for close_while_idle in (False, True):
            connection = await pool.acquire()
            if not close_while_idle:
                server.made[-1].closed = True
            await pool.release(connection)
            server.made[-1].closed = True
            assert await pool.acquire() is not connection
            await pool.release(cast("Connection", server.made[-1]))
        assert len(server.made) == 3

    with_pool(1, test)


def test_a_failed_connect_costs_no_place() -> None:
    async def test(pool: Pool, server: Server) -> None:
        server.error = ConnectionRefusedError()
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                await pool.acquire()
        server.error = None
        assert await pool.acquire() is not None

    with_pool(1, test)


def test_giving_up_a_wait_loses_no_connection() -> None:
    async def test(pool: Pool, server: Server) -> None:
        only = await pool.acquire()
        waiting = asyncio.create_task(pool.acquire())
        await asyncio.sleep(0)
        waiting.cancel()
        # The release happens in the same turn of the loop in which the other gives up.
        await pool.release(only)
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await pool.acquire() is only
        assert len(server.made) == 1

    with_pool(1, test)


def test_open_connects_as_often_as_it_may(caplog: pytest.LogCaptureFixture) -> None:
    async def test(pool: Pool, server: Server) -> None:
        await pool.open()
        assert len(server.made) == 3
        await pool.acquire()
        assert len(server.made) == 3
        assert not caplog.records

    with_pool(3, test)


def test_open_without_a_server_warns_for_each_connection(caplog: pytest.LogCaptureFixture) -> None:
    async def test(pool: Pool, server: Server) -> None:
        server.error = ConnectionRefusedError()
        await pool.open()
        assert [record.message for record in caplog.records] == ["no connection yet"] * 3
        server.error = None
        assert await pool.acquire() is not None

    with_pool(3, test)


def test_a_connection_that_breaks_as_it_is_given_back_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    class Breaking(Pool):
        async def release(self, connection: Connection) -> None:
            await super().release(connection)
            raise asyncpg.InternalClientError

    async def run() -> None:
        server = Server()
        await Breaking(server.connect, 2, 30).open()
        assert [made.closed for made in server.made] == [True, True]

    asyncio.run(run())
    assert [record.message for record in caplog.records] == ["connection not released"] * 2


def test_close_closes_what_is_idle() -> None:
    async def test(pool: Pool, server: Server) -> None:
        first, second = await pool.acquire(), await pool.acquire()
        await pool.release(first)
        await pool.release(second)
        await pool.close()
        assert [made.closed for made in server.made] == [True, True]

    with_pool(2, test)
