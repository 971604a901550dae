"""The kernel says which connections are established, and the longer way says the same."""

import socket
import sys
from pathlib import Path

import pytest

if sys.platform == "linux":
    from showdown.stacks import established as module
    from showdown.stacks.established import established

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")


def name(connection: socket.socket) -> bytes:
    return str(Path(f"/proc/self/fd/{connection.fileno()}").readlink()).encode()


@pytest.mark.parametrize("by_file", [False, True])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_established_ones_are_told_and_listening_is_not(
    monkeypatch: pytest.MonkeyPatch, by_file: bool, host: str
) -> None:
    if by_file:

        def refuse(_family: int) -> set[int]:
            raise OSError

        monkeypatch.setattr(module, "_ask", refuse)
    try:
        server = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError:
        pytest.skip(f"{host} is not there")
    with server, socket.create_connection(server.getsockname()[:2]) as client, server.accept()[0] as accepted:
        found = established()
        assert name(client) in found
        assert name(accepted) in found
        assert name(server) not in found
