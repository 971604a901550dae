"""uvloop's event loop, without two faults of connections that are given to it or given up."""

import socket
from typing import Any

import uvloop

# How long the end of TLS may take. Until then uvloop reads, and drops, what an upstream still sends on a connection
# that was given up in the middle of a body; its own limit is 30 s.
TLS_END_SECONDS = 1.0


class Loop(uvloop.Loop):
    """A loop for HTTP clients that connect a socket themselves, such as aiohttp."""

    async def create_connection(
        self, *arguments: Any, sock: socket.socket | None = None, **more: Any
    ) -> tuple[Any, Any]:
        """Connect as uvloop does; a socket that is given away closes nothing afterwards.

        If the connection is reset before TLS begins, uvloop 0.23.0 closes the descriptor and does not tell the socket,
        which closes the same number when it is deleted. By then the number may be that of another connection, such as
        one from a client of this service.
        """
        if more.get("ssl"):
            more.setdefault("ssl_shutdown_timeout", TLS_END_SECONDS)
        try:
            return await super().create_connection(*arguments, sock=sock, **more)
        except BaseException:
            if sock is not None:
                sock.detach()
            raise
