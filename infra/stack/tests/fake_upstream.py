"""An upstream over TLS that answers as a test says: right, wrong, late or never."""

import re
import socket
import socketserver
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import trustme

HEAD_END = b"\r\n\r\n"
DRIP_SECONDS = 0.02
# As they are written, and as they must be carried on.
MEMBERS = {
    "analysis": r'"summary":"\u00bd salt 🧂","confidence":0.50',
    "facts": '"energy_kcal":250,"protein_g":7.5,"fat_g":3.0,"carbohydrate_g":1e1',
    "price": '"price_cents":199,"currency":"EUR"',
}

Fault: TypeAlias = Callable[["FakeUpstream", socket.socket, str, int], bool]
"""Answers a request for a resource of an id in its own way. Returns whether the connection can be used again."""


class FakeUpstream:
    """`url` is where it listens. `faults` says, by resource, what it does instead of a right answer."""

    def __init__(self, folder: Path) -> None:
        self.faults: dict[str, Fault] = {}
        self.requests: Counter[str] = Counter()
        """By resource."""
        self.left = 0
        """How often a client has gone before it had its answer."""
        self.open = 0
        """Connections."""
        self.before_tls: Callable[[socket.socket], bool] | None = None
        """What it does with a connection before the TLS handshake; whether that still comes."""
        self.tls = self._trusted = _server_context(trustme.CA(), folder / "ca.pem")
        self.of_another_ca = _server_context(trustme.CA())
        self.expired = self._expired(folder)
        self.ca_file = folder / "ca.pem"
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._server = self._listen(0)
        self.port = int(self._server.server_address[1])
        self.url = f"https://127.0.0.1:{self.port}"

    def behave(self) -> None:
        """Answer right again, and forget what was counted."""
        self.faults, self.before_tls, self.tls = {}, None, self._trusted
        self.requests.clear()
        self.left = 0

    def go_away(self) -> None:
        """Refuse connections, and break those there are."""
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self._sockets):
            _shut(connection)

    def come_back(self) -> None:
        self._server = self._listen(self.port)

    def end(self) -> None:
        self._over.set()
        self.go_away()

    def wait_for_the_client(self, connection: socket.socket) -> bool:
        """Answer nothing until the client has gone."""
        with suppress(OSError):
            while connection.recv(4096):
                pass
        self.left += 1
        return False

    def _expired(self, folder: Path) -> ssl.SSLContext:
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        yesterday = datetime.now(UTC) - timedelta(days=1)
        authority.issue_cert("127.0.0.1", "localhost", not_after=yesterday).configure_cert(context)
        with (folder / "ca.pem").open("ab") as trusted:
            trusted.write(authority.cert_pem.bytes())
        return context

    def _listen(self, port: int) -> socketserver.ThreadingTCPServer:
        upstream = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                upstream._serve(self.request)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False
            request_queue_size = 128

            def handle_error(self, request: object, client_address: object) -> None:
                """Say nothing: clients break connections here."""

        server = Server(("127.0.0.1", port), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server

    def _serve(self, connection: socket.socket) -> None:
        self._sockets.add(connection)
        with self._lock:
            self.open += 1
        try:
            if self.before_tls is None or self.before_tls(connection):
                with self.tls.wrap_socket(connection, server_side=True, suppress_ragged_eofs=False) as encrypted:
                    # The socket without TLS is detached by now.
                    self._sockets.add(encrypted)
                    try:
                        while self._answer(encrypted):
                            pass
                    finally:
                        self._sockets.discard(encrypted)
        except OSError:
            pass  # The client has gone, or did not like the certificate.
        finally:
            connection.close()
            self._sockets.discard(connection)
            with self._lock:
                self.open -= 1

    def _answer(self, connection: socket.socket) -> bool:
        head = b""
        while HEAD_END not in head:
            data = connection.recv(4096)
            if not data:
                return False
            head += data
        _, resource, number = head.split(b" ")[1].decode().split("/")
        with self._lock:
            self.requests[resource] += 1
        return self.faults.get(resource, right)(self, connection, resource, int(number))


@contextmanager
def fake_upstream(folder: Path) -> Iterator[FakeUpstream]:
    upstream = FakeUpstream(folder)
    try:
        yield upstream
    finally:
        upstream.end()


def respond(connection: socket.socket, body: bytes, status: str = "200 OK") -> bool:
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)
    return True


def right(_: FakeUpstream, connection: socket.socket, resource: str, number: int) -> bool:
    return respond(connection, document(resource, number))


def document(resource: str, number: int) -> bytes:
    return f'{{"id":{number},{MEMBERS[resource]}}}'.encode()


def busy(_: FakeUpstream, connection: socket.socket, _resource: str, _number: int) -> bool:
    return respond(connection, b'{"error":{}}', "503 Service Unavailable")


def busy_once(upstream: FakeUpstream, connection: socket.socket, resource: str, number: int) -> bool:
    if upstream.requests[resource] == 1:
        return busy(upstream, connection, resource, number)
    return right(upstream, connection, resource, number)


def broken(_: FakeUpstream, connection: socket.socket, _resource: str, _number: int) -> bool:
    return respond(connection, b"{}", "500 Internal Server Error")


def elsewhere(upstream: FakeUpstream, connection: socket.socket, resource: str, _number: int) -> bool:
    connection.sendall(
        f"HTTP/1.1 302 Found\r\nlocation: {upstream.url}/{resource}/1\r\ncontent-length: 0\r\n\r\n".encode()
    )
    return True


def closes(_: FakeUpstream, _connection: socket.socket, _resource: str, _number: int) -> bool:
    return False


def resets(_: FakeUpstream, connection: socket.socket, _resource: str, _number: int) -> bool:
    reset(connection)
    return False


def closes_once(upstream: FakeUpstream, connection: socket.socket, resource: str, number: int) -> bool:
    return upstream.requests[resource] > 1 and right(upstream, connection, resource, number)


def hangs(upstream: FakeUpstream, connection: socket.socket, _resource: str, _number: int) -> bool:
    return upstream.wait_for_the_client(connection)


def no_http(_: FakeUpstream, connection: socket.socket, _resource: str, _number: int) -> bool:
    connection.sendall(b"\0 what? \xff\r\n\r\n" * 10)
    return False


def no_json(_: FakeUpstream, connection: socket.socket, _resource: str, _number: int) -> bool:
    return respond(connection, b"<html>")


def wrong_shape(_: FakeUpstream, connection: socket.socket, _resource: str, number: int) -> bool:
    return respond(connection, b'{"id":%d}' % number)


def text_for_numbers(_: FakeUpstream, connection: socket.socket, resource: str, number: int) -> bool:
    return respond(connection, re.sub(rb":([0-9][0-9.e]*)([,}])", rb':"\1"\2', document(resource, number)))


def other_id(upstream: FakeUpstream, connection: socket.socket, resource: str, number: int) -> bool:
    return right(upstream, connection, resource, number + 1)


def too_large(_: FakeUpstream, connection: socket.socket, resource: str, number: int) -> bool:
    return respond(connection, document(resource, number).ljust(64 * 1024 + 1))


def cut_off(_: FakeUpstream, connection: socket.socket, _resource: str, _number: int) -> bool:
    connection.sendall(b'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"id":')
    return False


def endless(_: FakeUpstream, connection: socket.socket, _resource: str, _number: int) -> bool:
    connection.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    with suppress(OSError):
        while True:
            connection.sendall(b"1000\r\n" + b" " * 0x1000 + b"\r\n")
    return False


def drips(upstream: FakeUpstream, connection: socket.socket, _resource: str, _number: int) -> bool:
    """A body that never ends, and never pauses for long."""
    return _drip(upstream, connection, b"HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n", b" ")


def drips_head(upstream: FakeUpstream, connection: socket.socket, _resource: str, _number: int) -> bool:
    return _drip(upstream, connection, b"HTTP/1.1 200 OK\r\n", b"x")


def reset(connection: socket.socket) -> bool:
    """Close the connection so that the client gets a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def no_tls(connection: socket.socket) -> bool:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
    return False


def _drip(upstream: FakeUpstream, connection: socket.socket, start: bytes, drop: bytes) -> bool:
    try:
        connection.sendall(start)
        while not upstream._over.wait(DRIP_SECONDS):
            connection.sendall(drop)
    except OSError:
        upstream.left += 1
    return False


def _server_context(authority: trustme.CA, trusted: Path | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    if trusted is not None:
        authority.cert_pem.write_to_path(str(trusted))
    return context


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
