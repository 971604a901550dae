"""Handshakes that are done are counted, once each, for whatever uses the context."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
import trustme
from prometheus_client import REGISTRY
from python_service.observability.handshakes import counted

CA = trustme.CA()
CERTIFICATE = CA.issue_cert("127.0.0.1")


@pytest.fixture
def port() -> Iterator[int]:
    """A server's that shakes hands and then waits for the client to go."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CERTIFICATE.configure_cert(context)

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                with suppress(OSError), context.wrap_socket(client, server_side=True) as connection:
                    connection.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    CA.configure_trust(context)
    return context


def handshakes(host: str) -> float | None:
    return REGISTRY.get_sample_value("outbound_handshakes_total", {"host": host})


def test_those_of_blocking_clients(port: int) -> None:
    context = counted(trusting(), "blocking:1")
    for _ in range(2):
        plain = socket.create_connection(("127.0.0.1", port))
        with closing(context.wrap_socket(plain, server_hostname="127.0.0.1")) as connection:
            # A second time, nothing is left to do.
            connection.do_handshake()
    assert handshakes("blocking:1") == 2


def test_those_of_an_event_loop(port: int) -> None:
    async def connect() -> None:
        # As clients do that share a context.
        for context in [shared, counted(shared, "loop:1")]:
            _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
            writer.close()
            await writer.wait_closed()

    shared = counted(trusting(), "loop:1")
    asyncio.run(connect())
    assert handshakes("loop:1") == 2


def test_not_those_that_fail(port: int) -> None:
    context = counted(ssl.create_default_context(), "failing:1")
    plain = socket.create_connection(("127.0.0.1", port))
    with pytest.raises(ssl.SSLCertVerificationError), closing(plain):
        context.wrap_socket(plain, server_hostname="127.0.0.1")
    assert handshakes("failing:1") == 0
