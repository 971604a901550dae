"""uvloop's event loop, without a fault that ends connections of others."""

import socket
from typing import Any

import uvloop


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
        try:
            return await super().create_connection(*arguments, sock=sock, **more)
        except BaseException:
            if sock is not None:
                sock.detach()
            raise
