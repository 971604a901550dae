"""Stopping uvicorn without cutting off a request that was sent before the stop."""

import asyncio
import socket
import sys

from gunicorn.arbiter import Arbiter
from uvicorn.protocols.http.flow_control import CLOSE_HEADER
from uvicorn.server import Server
from uvicorn_worker import UvicornWorker

# For requests that are on their way: in the listener's queue, or on a connection that looked idle. If one came, the
# server waits as long again, because a busy worker sees them late.
GRACE_SECONDS = 0.5
MOST_GRACES = 3
# For answers. Together with the graces it is less than gunicorn's graceful_timeout, after which gunicorn kills.
DRAIN_SECONDS = 8


class DrainingServer(Server):
    """A server that goes on for a moment before it closes, and tells clients to close their connections."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        state = self.server_state
        state.default_headers = [*state.default_headers, CLOSE_HEADER]
        for connection in list(state.connections):
            cycle = getattr(connection, "cycle", None)
            # uvicorn would close the connection after an answer that did not announce it, and so lose the next request.
            if cycle is not None and not cycle.response_started:
                cycle.default_headers = state.default_headers
        # The master has made the kernel refuse new connections, and each connection now ends with its next answer.
        for _ in range(MOST_GRACES):
            answered = state.total_requests
            await asyncio.sleep(GRACE_SECONDS)
            if state.total_requests == answered:
                break
        await super().shutdown(sockets)


class DrainingWorker(UvicornWorker):  # type: ignore[misc]  # uvicorn-worker has no types
    """uvicorn's worker, with that server."""

    async def _serve(self) -> None:
        self.config.app = self.wsgi
        server = DrainingServer(config=self.config)
        self._install_sigquit_handler()
        await server.serve(sockets=self.sockets)
        if not server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)
