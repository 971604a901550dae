"""uvicorn's HTTP protocol, with bounds: how large a head may be, and how long a client may take.

uvicorn waits for the rest of a request for ever, and keeps a head of any size. Most requests come whole, in one
piece: for those, nothing here is counted or timed.
"""

import asyncio
import re
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from python_service.errors import ErrorKind
from python_service.limits import BODY_SECONDS, HEAD_BYTES, HEAD_SECONDS
from python_service.starlette_app.transport import CoalescingTransport

# How many bytes of a request may come after its first piece, and what is answered if there are more; before and
# after the end of its head. The app measures the body itself: this bounds the framing of its chunks.
_MOST = {
    False: (HEAD_BYTES, ErrorKind.HEAD_TOO_LARGE),
    True: (16 * HEAD_BYTES, ErrorKind.BODY_TOO_LARGE),
}

# httptools accepts RTSP, too, and reports it as HTTP/1.0.
_OTHER_PROTOCOL = re.compile(rb"^[A-Z_]+ [^ \r\n]+ (?!HTTP/)", re.MULTILINE)
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


class HttpProtocol(HttpToolsProtocol):
    """The class for uvicorn's setting `http`."""

    transport: CoalescingTransport  # type: ignore[assignment]  # a transport in all but name
    cycle: RequestResponseCycle | None  # type: ignore[assignment]  # none before the first request

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._incomplete = False
        self._piece = b""
        self._stopping = False
        # Of a request that came in more than one piece.
        self._deadline: asyncio.TimerHandle | None = None
        self._awaited: tuple[object, bool] | None = None
        self._rest_bytes = 0
        self._keep_alive = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own type
        super().connection_made(CoalescingTransport(transport, self.loop))  # type: ignore[arg-type]
        # uvicorn bounds the time between two requests, but not the time before the first.
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_deadline()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self._piece = data
        if self._deadline is not None:
            self._rest_bytes += len(data)
            most, kind = _MOST[self._has_head()]
            if self._rest_bytes > most:
                self._refuse(kind)
                return
        try:
            self._feed(data)
        except httptools.HttpParserError as error:
            too_large = isinstance(error.__context__, _HeadTooLargeError)
            self._refuse(ErrorKind.HEAD_TOO_LARGE if too_large else ErrorKind.BAD_REQUEST)
            return
        self._piece = b""
        if self._incomplete:
            self._await_rest()
        elif self._deadline is not None:
            self._forget_deadline()

    def on_message_begin(self) -> None:
        self._incomplete = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        if (self._rest_bytes or len(self._piece) > HEAD_BYTES) and self._head_size() > HEAD_BYTES:
            raise _HeadTooLargeError
        names = [name for name, _ in self.headers]
        hosts = names.count(b"host")
        version = self.parser.get_http_version()
        if hosts > 1 or (hosts == 0 and version != "1.0") or version not in {"1.0", "1.1"} or not self.url.isascii():
            raise ValueError
        if version == "1.0" and _OTHER_PROTOCOL.search(self._piece):
            raise ValueError
        if b"transfer-encoding" in names:
            # Nothing here decodes any other coding.
            codings = [value.lower() for name, value in self.headers if name == b"transfer-encoding"]
            if codings != [b"chunked"]:
                raise ValueError
        if self.parser.should_upgrade() and not _FRAMING.isdisjoint(names):
            # httptools would treat the body as data after an upgrade.
            raise ValueError
        if not self.url.startswith(b"/") and httptools.parse_url(self.url).path is None:
            # An absolute target may leave out its path if that is the root.
            self.url += b"/"
        super().on_headers_complete()
        # httptools reports the fields of a trailer in the same way, but they do not belong to the head.
        self.headers = _TRAILERS

    def on_message_complete(self) -> None:
        self._incomplete = False
        cycle = self.cycle
        if self._deadline is not None and cycle is not None and not cycle.response_started and not self._stopping:
            cycle.keep_alive = self._keep_alive
        super().on_message_complete()

    def shutdown(self) -> None:
        self._stopping = True
        super().shutdown()

    def timeout_keep_alive_handler(self) -> None:
        # Not close(), which would wait for a client that does not read.
        self.transport.abort()

    def _feed(self, data: bytes) -> None:
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                # The upgrade is not accepted, so what follows is still HTTP.
                data = data[upgrade.args[0] :]
            else:
                return

    def _has_head(self) -> bool:
        """Whether the head of the latest message is whole."""
        return self.cycle is not None and self.cycle.scope is self.scope

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + len(": \r\n") for name, value in self.headers)

    def _await_rest(self) -> None:
        awaited = (self.scope, self._has_head())
        if self._awaited is not None and self._awaited[0] is awaited[0] and self._awaited[1] is awaited[1]:
            return
        self._forget_deadline()
        _, in_body = self._awaited = awaited
        self._deadline = self.loop.call_later(
            BODY_SECONDS if in_body else HEAD_SECONDS, self._refuse, ErrorKind.REQUEST_TIMEOUT
        )
        self.transport.unread = True
        if in_body and self.cycle is not None:
            # If it is answered before its end, nobody can tell where the next request begins.
            self._keep_alive, self.cycle.keep_alive = self.cycle.keep_alive, False

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = self._awaited = None
            self._rest_bytes = 0
            self.transport.unread = False

    def _refuse(self, kind: ErrorKind) -> None:
        """Refuse what will not be a whole request, unless an earlier answer is still owed, and end the connection."""
        self._forget_deadline()
        cycle = self.cycle
        answered = cycle is not None and self._has_head() and cycle.response_started
        if cycle is not None and not cycle.response_complete:
            if not self._has_head():
                # The previous request is still being answered: the connection ends with that answer.
                cycle.keep_alive = False
                self.flow.pause_reading()
                return
            # Otherwise uvicorn would write the app's answer to a body that never ended.
            cycle.disconnected = True
            cycle.message_event.set()
        if not answered and not self.pipeline:
            # The parser may still name the method of an earlier request, but without its body no answer is wrong.
            self.transport.write(kind.closing_answer(with_body=self.parser.get_method() != b"HEAD"))
        self.transport.unread = True
        self.transport.close()


class _Trailers(list[tuple[bytes, bytes]]):
    """Drops the fields of trailers, and refuses those that would change the head: RFC 9110, section 6.5.1."""

    _FORBIDDEN = frozenset({b"host", b"content-length", b"transfer-encoding", b"trailer", b"authorization", b"te"})

    def append(self, field: tuple[bytes, bytes]) -> None:
        if field[0] in self._FORBIDDEN:
            raise ValueError


_TRAILERS = _Trailers()


class _HeadTooLargeError(Exception):
    """Raised while the parser runs: the parser's own error has this one as its context."""
