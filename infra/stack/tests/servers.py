"""HTTP servers for tests: a handler decides what is answered, and the context stops the server."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import MappingProxyType
from typing import Any

from showdown_stack.ports import LOOPBACK


class Handler(BaseHTTPRequestHandler):
    """Keeps connections open, as services do, and logs nothing. Subclasses answer GET and POST in `respond`."""

    protocol_version = "HTTP/1.1"

    def respond(self) -> None:
        raise NotImplementedError

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.respond()

    do_POST = do_GET  # noqa: N815 - http.server's name

    def answer(self, body: bytes, status: int = 200, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


class _Server(ThreadingHTTPServer):
    # Enough for all connections that a proxy or a load generator opens at once.
    request_queue_size = 100

    def handle_error(self, request: Any, client_address: Any) -> None:
        # In some tests the client leaves in the middle of an answer. That is not an error of the server.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def running_server(handler: type[BaseHTTPRequestHandler], port: int = 0) -> Iterator[str]:
    """Run a server with this handler, and yield its URL. Port 0 means any free port."""
    with _Server((LOOPBACK, port), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
