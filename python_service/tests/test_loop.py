"""Sockets that are given to the event loop, and their descriptors."""

import asyncio
import os
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator

import fake_upstream as fake
import pytest
from python_service.starlette_app.loop import Loop

Address = tuple[str, int]


class Resets(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        fake.reset(self.request)
        self.request.close()


@pytest.fixture
def resetting() -> Iterator[Address]:
    """Where a server resets each connection at once."""
    with socketserver.TCPServer(("127.0.0.1", 0), Resets) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield "127.0.0.1", server.server_address[1]
        server.shutdown()


@pytest.fixture
def silent() -> Iterator[Address]:
    """Where a server accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield "127.0.0.1", server.getsockname()[1]


def test_the_descriptor_of_a_reset_connection_is_closed_once(resetting: Address) -> None:
    with asyncio.Runner(loop_factory=Loop) as runner:
        for _ in range(20):
            connected = socket.create_connection(resetting)
            number = connected.fileno()
            with pytest.raises(ConnectionError):
                runner.run(encrypt(connected))
            # The system gives the lowest number that is free, as to a connection that is accepted now.
            other = os.open(os.devnull, os.O_RDONLY)
            assert other == number
            del connected
            os.close(other)


def test_a_connection_that_is_given_up_is_closed_once(silent: Address) -> None:
    async def give_up(connected: socket.socket) -> None:
        async with asyncio.timeout(0.01):
            await encrypt(connected)

    with asyncio.Runner(loop_factory=Loop) as runner, socket.create_connection(silent) as connected:
        with pytest.raises(TimeoutError):
            runner.run(give_up(connected))
        assert connected.fileno() == -1


async def encrypt(connected: socket.socket) -> None:
    await asyncio.get_running_loop().create_connection(
        asyncio.Protocol, sock=connected, ssl=ssl.create_default_context(), server_hostname="localhost"
    )
