"""gunicorn's worker class for the Django app."""

import select
import socket
import time
from contextlib import suppress
from typing import Any

from gunicorn.http.body import ChunkedReader
from gunicorn.http.errors import InvalidChunkSize, InvalidHeader
from gunicorn.workers.sync import SyncWorker

from python_service import limits, parameters
from python_service.django_app import observed, refusals
from python_service.django_app.client import Client
from python_service.errors import ErrorKind

# Less than gunicorn's graceful_timeout, after which gunicorn kills.
DRAIN_SECONDS = 8.0
# For a connection that had begun before the stop to be established.
HANDSHAKE_SECONDS = 0.25


class Worker(SyncWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's sync worker with bounded waits, refusals in the contract's form, and a stop that loses no request."""

    def run(self) -> None:
        if hasattr(socket, "TCP_DEFER_ACCEPT"):
            for listener in self.sockets:
                # A client that connects and sends nothing waits in the kernel, not here.
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, limits.HEAD_SECONDS)
        with observed.observed():
            super().run()
            self._drain()

    def handle(self, listener: socket.socket, client: socket.socket, addr: Any) -> None:
        super().handle(listener, Client(client, listener), addr)

    def handle_request(self, listener: socket.socket, req: Any, client: Client, addr: Any) -> None:
        client.expect_body()
        fields = [name for name, _ in req.headers]
        if "HOST" not in fields and req.version > (1, 0):
            raise InvalidHeader("HOST", req=req)
        if "TRANSFER-ENCODING" in fields:
            # Nothing here decodes any other coding.
            codings = [value.lower() for name, value in req.headers if name == "TRANSFER-ENCODING"]
            if codings != ["chunked"]:
                raise InvalidHeader("TRANSFER-ENCODING", req=req)
            req.body.reader = BoundedChunks(req, req.unreader)
        if fields.count("COOKIE") > 1:
            # WSGI has one value for each name, and gunicorn would join them by commas.
            cookie = parameters.cookie(value for name, value in req.headers if name == "COOKIE")
            req.headers = [*((name, value) for name, value in req.headers if name != "COOKIE"), ("COOKIE", cookie)]
        if req._expected_100_continue:  # noqa: SLF001  # gunicorn has no other way
            # Otherwise gunicorn would ask for the body before the app has looked at the head.
            req._expected_100_continue = False  # noqa: SLF001
            req.body.reader = AskingReader(req.body.reader, client)
        try:
            super().handle_request(listener, req, client, addr)
        finally:
            client.owes_nothing = getattr(req.body.reader, "length", None) == 0

    def handle_error(self, req: Any, client: Client, addr: Any, exc: BaseException) -> None:  # noqa: ARG002
        kind = refusals.kind(exc)
        if kind is ErrorKind.INTERNAL:
            self.log.error("Error handling a request", exc_info=exc)
        else:
            self.log.debug("Refused a request: %r", exc)
        with suppress(OSError):
            client.sendall(kind.closing_answer(with_body=not client.asks_for_head))

    def _drain(self) -> None:
        """Answer the clients that connected before the stop. The master has made the kernel refuse any others."""
        end = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < end:
            self.notify()
            ready, _, _ = select.select(self.sockets, [], [], HANDSHAKE_SECONDS)
            if not ready:
                return
            for listener in ready:
                # Another worker may have been faster.
                with suppress(BlockingIOError, ConnectionAbortedError):
                    self.accept(listener)


class BoundedChunks(ChunkedReader):  # type: ignore[misc]
    """gunicorn's reader of chunks, which here refuses sizes of more than 64 bits: such a chunk never ends."""

    def parse_chunk_size(self, unreader: Any, data: bytes | None = None) -> tuple[int, bytes | None]:
        size, rest = super().parse_chunk_size(unreader, data)
        if size >= 1 << 64:
            raise InvalidChunkSize(b"%x" % size)
        return size, rest


class AskingReader:
    """Asks for the body before it reads it, for a client that waits to be asked."""

    def __init__(self, reader: Any, client: Client) -> None:
        self._reader = reader
        self._client = client
        self._asked = False

    def read(self, size: int) -> bytes:
        if not self._asked:
            self._asked = True
            self._client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        data: bytes = self._reader.read(size)
        return data
