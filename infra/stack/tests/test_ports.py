"""Free ports are found, and taken ones refused."""

import socket
from collections.abc import Iterator

import pytest
from showdown_contract.errors import ShowdownError
from showdown_stack.ports import LOOPBACK, accepts, free_port, require_free


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server


def port_of(server: socket.socket) -> int:
    return int(server.getsockname()[1])


def test_a_free_port_can_be_listened_on() -> None:
    with socket.create_server((LOOPBACK, free_port())) as server:
        assert accepts(port_of(server))


def test_a_port_accepts_only_while_somebody_listens(listener: socket.socket) -> None:
    port = port_of(listener)
    assert accepts(port)
    listener.close()
    assert not accepts(port)


def test_a_taken_port_is_named(listener: socket.socket) -> None:
    port = port_of(listener)
    with pytest.raises(ShowdownError, match=rf"port {port} on 127\.0\.0\.1 cannot be used \(Address already in use\)"):
        require_free(port)


def test_a_port_is_free_again_as_soon_as_its_server_is_gone(listener: socket.socket) -> None:
    port = port_of(listener)
    with socket.create_connection((LOOPBACK, port)) as client:
        connection, _ = listener.accept()
        # The side that closes first keeps the port in TIME_WAIT.
        connection.close()
        assert client.recv(1) == b""
    listener.close()
    assert require_free(port) == port
