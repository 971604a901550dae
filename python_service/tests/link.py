"""A TCP proxy before Postgres, which a test can cut and freeze, and which counts round trips."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Link:
    """`url` is the database's URL through the link. The link is up from the start."""

    def __init__(self, database_url: str) -> None:
        parts = urlsplit(database_url)
        self._database = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self._flowing = threading.Event()
        self._flowing.set()
        self._sockets: list[socket.socket] = []
        self._server = self._listen(0)
        self.port = int(self._server.server_address[1])
        credentials = parts.netloc.rpartition("@")[0]
        self.url = parts._replace(netloc=f"{credentials}@127.0.0.1:{self.port}").geturl()
        self.round_trips = 0
        """How often a client has sent something after the server had. Only right for one connection at a time."""
        self._client_spoke_last = False

    def cut(self) -> None:
        """Break all connections and refuse new ones."""
        self._server.shutdown()
        self._server.server_close()
        for end in self._sockets:
            _shut(end)
        self._sockets.clear()

    def restore(self) -> None:
        """Undo `cut`."""
        self._server = self._listen(self.port)

    def freeze(self) -> None:
        """Accept connections and data, but pass nothing on, like a stopped server."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Undo `freeze`."""
        self._flowing.set()

    def _listen(self, port: int) -> socketserver.ThreadingTCPServer:
        link = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                link._join(self.request)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False

        server = Server(("127.0.0.1", port), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server

    def _join(self, client: socket.socket) -> None:
        with socket.create_connection(self._database) as upstream:
            self._sockets += [client, upstream]
            back = threading.Thread(target=self._pass_on, args=(upstream, client), daemon=True)
            back.start()
            self._pass_on(client, upstream, from_client=True)
            back.join()

    def _pass_on(self, source: socket.socket, target: socket.socket, *, from_client: bool = False) -> None:
        try:
            while data := source.recv(65536):
                self._flowing.wait()
                self.round_trips += from_client and not self._client_spoke_last
                self._client_spoke_last = from_client
                target.sendall(data)
        except OSError:
            pass  # Cut, or one end is gone: so must be the other.
        _shut(source)
        _shut(target)


@contextmanager
def link_to(database_url: str) -> Iterator[Link]:
    link = Link(database_url)
    try:
        yield link
    finally:
        link.thaw()
        link.cut()


def _shut(end: socket.socket) -> None:
    with suppress(OSError):  # It was down already.
        end.shutdown(socket.SHUT_RDWR)
