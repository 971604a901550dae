"""A listener that takes no more connections still accepts those that came before."""

import socket
import sys

import pytest
from python_service.listening import take_no_more


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's filter is Linux's")
@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_later_clients_are_refused_and_earlier_ones_accepted(family: socket.AddressFamily, host: str) -> None:
    with socket.create_server((host, 0), family=family) as listener:
        address = listener.getsockname()[:2]
        with socket.create_connection(address, timeout=20) as before:
            take_no_more(listener)
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(address, timeout=20)
            accepted, _ = listener.accept()
            with accepted:
                before.sendall(b"hello")
                assert accepted.recv(5) == b"hello"
