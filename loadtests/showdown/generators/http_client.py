"""A light HTTP/1.1 client for Locust's users, for what it costs is missing where the service runs beside it.

A client has one connection and one request under way. An answer is over after so many bytes and so many
seconds, its body is taken as it came, and no answer sends the client elsewhere. With https:// it believes
whom OpenSSL believes: SSL_CERT_FILE names others.
"""

from contextlib import suppress
from functools import cache, lru_cache
from http import HTTPStatus
from select import POLLIN
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from gevent import get_hub, getcurrent, socket, ssl
from gevent.monkey import get_original
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from showdown_contract.errors import ShowdownError

from showdown.requests.kind import Answer, Request
from showdown.requests.scenarios import MOST_ANSWER_BYTES, MOST_ANSWER_SECONDS

# That of the operating system: it is only asked how things are, and waits for nothing.
poll = get_original("select", "poll")
PORTS = {"http": 80, "https": 443}
RECEIVE_BYTES = 65536
READ = 1
# May be sent twice (RFC 9110, 9.2.2).
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
# A connection that was idle for longer may have been closed meanwhile.
IDLE_SECONDS = 0.1


class NoAnswerError(Exception):
    """What came is no whole answer, or did not come in time; the message says which."""


class _LateError(TimeoutError):
    """Its argument: how long was waited, in seconds."""

    def __str__(self) -> str:
        return f"an answer that takes more than {self.args[0]:g} s"


class _ClosedError(ConnectionError):
    def __str__(self) -> str:
        return "the connection was closed"


class _RefusedError(Exception):
    """What came may be HTTP, but this client takes no such answer; the message says why."""


class HttpClient:
    """Asks one server, one request after the other."""

    def __init__(self, url: str, seconds: float = MOST_ANSWER_SECONDS) -> None:
        """`url` may end with a path, which then starts every request's. Raises ShowdownError.

        `seconds`: how long it waits for an answer.
        """
        try:
            place = urlsplit(url)
            self._address = place.hostname or "", place.port or PORTS[place.scheme]
        except (KeyError, ValueError):
            self._address = "", 0
        if not self._address[0]:
            raise ShowdownError(f"{url!r} is no address of a server: say http://HOST:PORT")
        self._authority = place.netloc.rpartition("@")[2]
        self._prefix = place.path.rstrip("/")
        self._encrypted = place.scheme == "https"
        self._hub = get_hub()
        # A timer of its own, for gevent's Timeout costs a tenth of a request, and started again it goes on counting.
        self._timer = self._hub.loop.timer(seconds, seconds)
        self._seconds = seconds
        self._socket: Any = None
        self._readable: Any = None
        self._answers = _Answers()
        self._idle_from = 0.0

    def connect(self) -> None:
        """Connect now, and not when something is asked. Raises NoAnswerError."""
        self._timer.again(getcurrent().throw, _LateError, self._seconds)
        try:
            self._connect()
        except OSError as error:
            self.close()
            raise NoAnswerError(f"no answer: {_reason(error)}") from None
        finally:
            self._timer.stop()

    def close(self) -> None:
        """Close the connection; the next request makes another."""
        self._answers = _Answers()
        connection, self._socket = self._socket, None
        watcher, self._readable = self._readable, None
        if watcher is not None:
            watcher.close()
        if connection is not None:
            with suppress(OSError):
                connection.close()

    def ask(self, request: Request) -> Answer:
        """Send a request and take its answer, whatever its status. Raises NoAnswerError."""
        self._timer.again(getcurrent().throw, _LateError, self._seconds)
        goes_on = False
        try:
            self._ask(request)
            answer, goes_on = self._answers.take()
        except (OSError, HttpParserError, _RefusedError) as error:
            how_much = "whole answer" if self._answers.has_head else "answer"
            raise NoAnswerError(f"no {how_much}: {_reason(error)}") from None
        finally:
            # Also where this user was stopped in mid-answer.
            self._timer.stop()
            if not goes_on:
                self.close()
        self._idle_from = perf_counter()
        return answer

    def _ask(self, request: Request) -> None:
        if self._socket is not None and perf_counter() - self._idle_from > IDLE_SECONDS and self._was_closed():
            self.close()
        is_new = self._socket is None
        try:
            self._exchange(request)
        except (ConnectionError, ssl.SSLError):
            if is_new or self._answers.has_begun or request.method not in IDEMPOTENT:
                raise
            self.close()
            self._exchange(request)

    def _exchange(self, request: Request) -> None:
        self._connect()
        answers = self._answers
        answers.expect(request.method)
        wire = _encoded(request, self._authority, self._prefix)
        # gevent's sendall looks at the socket's options first.
        if (sent := self._socket.send(wire)) < len(wire):
            self._socket.sendall(wire[sent:])
        while not answers.is_whole:
            if self._readable is not None:
                # It would have to wait nearly always: trying first costs a tenth of a request.
                self._hub.wait(self._readable)
            answers.feed(self._socket.recv(RECEIVE_BYTES))

    def _connect(self) -> None:
        if self._socket is not None:
            return
        try:
            self._socket = socket.create_connection(self._address)
        except UnicodeError:
            raise OSError(f"{self._address[0]!r} is no name of a host") from None
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._encrypted:
            # What is readable of it is not what its socket has.
            self._socket = _tls().wrap_socket(self._socket, server_hostname=self._address[0])
        else:
            self._readable = self._hub.loop.io(self._socket.fileno(), READ)

    def _was_closed(self) -> bool:
        """Whether an idle connection has anything to say: that it was closed, for nothing else was asked."""
        # Not by select(), which knows no more than 1,024 descriptors.
        now = poll()
        now.register(self._socket.fileno(), POLLIN)
        return bool(now.poll(0))


class _Answers:
    """One answer after another of what a connection brings; httptools' parser calls its `on_` methods."""

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self._received: list[bytes] = []
        self._size = 0
        self._body: list[bytes] = []
        self._without_body = self._goes_beyond = self._goes_on = False
        self.has_head = self.is_whole = False

    @property
    def has_begun(self) -> bool:
        return self._size > 0

    def expect(self, method: str) -> None:
        """The next answer is that to a request with this method."""
        if self._without_body:
            # It still waits for a body.
            self._parser = HttpResponseParser(self)
        self._size = 0
        self._without_body = method == "HEAD"
        self.has_head = self.is_whole = False

    def feed(self, data: bytes) -> None:
        """Take what was received; nothing: it was closed. Raises _ClosedError, _RefusedError, HttpParserError."""
        if not data:
            self._end()
            return
        self._size += len(data)
        if self._size > MOST_ANSWER_BYTES:
            raise _RefusedError(f"an answer of more than {MOST_ANSWER_BYTES} bytes")
        self._received.append(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            raise _RefusedError("another protocol, which nobody has asked for") from None
        if self._goes_beyond:
            raise _RefusedError("more than was asked")

    def take(self) -> tuple[Answer, bool]:
        """The whole answer, and whether the connection goes on."""
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        # Many users may wait with nothing to ask.
        self._received, self._body = [], []
        return Answer(self._parser.get_status_code(), body), self._goes_on

    def _end(self) -> None:
        framing = _Framing()
        with suppress(HttpParserError):
            HttpResponseParser(framing).feed_data(b"".join(self._received))
        if not self.has_head or framing.says_where_the_body_ends:
            raise _ClosedError
        self.is_whole, self._goes_on = True, False

    def on_message_begin(self) -> None:
        self._goes_beyond = self.is_whole

    def on_headers_complete(self) -> None:
        if self._parser.get_status_code() >= HTTPStatus.OK:
            self.has_head = True
            if self._without_body:
                self._complete()

    def on_body(self, data: bytes) -> None:
        self._goes_beyond |= self.is_whole
        self._body.append(data)

    def on_message_complete(self) -> None:
        # Else it was an interim answer.
        if self.has_head:
            self._complete()

    def _complete(self) -> None:
        self.is_whole = True
        # The parser forgets it right after.
        self._goes_on = self._parser.should_keep_alive()


class _Framing:
    """Whether an answer says where its body ends; where it does not, the body ends with the connection.

    The parser knows, but does not tell; asked of every answer it would cost more than it is worth.
    """

    def __init__(self) -> None:
        self.says_where_the_body_ends = False

    def on_message_begin(self) -> None:
        self.says_where_the_body_ends = False

    def on_header(self, name: bytes, _: bytes) -> None:
        if name.lower() in {b"content-length", b"transfer-encoding"}:
            self.says_where_the_body_ends = True


def _encoded(request: Request, authority: str, prefix: str) -> bytes:
    path, _, headers, method, body, _ = request
    fields = _fields(method, tuple(headers.items()), authority, None if body is None else len(body))
    head = f"{method} {prefix}{path} HTTP/1.1\r\n{fields}\r\n".encode()
    return head if body is None else head + body


@lru_cache(maxsize=10_000)
def _fields(method: str, headers: tuple[tuple[str, str], ...], authority: str, length: int | None) -> str:
    own = {"Host": authority, "Accept-Encoding": "identity"}
    if length is not None or method in WITH_BODY:
        own["Content-Length"] = str(length or 0)
    given = {name.lower() for name, _ in headers}
    fields = [*((name, value) for name, value in own.items() if name.lower() not in given), *headers]
    return "".join(f"{name}: {value}\r\n" for name, value in fields)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
