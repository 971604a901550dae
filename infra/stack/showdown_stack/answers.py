"""Asks a service once, and is bounded in time and memory whatever it answers."""

import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, IncompleteRead
from typing import Any
from urllib.parse import urlsplit

from showdown_stack.text import printable, shortened

HTTP_PORT = 80


class NoAnswerError(Exception):
    """What came is no HTTP answer, or did not come in time; the message says which."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """By their names in lower case."""
    body: bytes
    whole: bool
    """Whether the body ended there, or was only read so far."""


class _Deadline(socket.socket):
    """A socket on which all that is done together has so much time: a time-out alone is for each packet."""

    def __init__(self, seconds: float) -> None:
        super().__init__(socket.AF_INET, socket.SOCK_STREAM)
        self._end = time.monotonic() + seconds
        self.settimeout(seconds)

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        """As a socket's: the response's file reads by it."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self.settimeout(left)
        return super().recv_into(*arguments, **options)


def ask(  # noqa: PLR0917 - the parts of a request, and its bounds
    url: str,
    method: str,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
    seconds: float,
    most_bytes: int,
) -> Answer:
    """An answer of at most so many bytes, which takes no longer than so many seconds. Raises NoAnswerError.

    It is asked directly, whatever proxy the environment names, over a connection of its own: a server may
    close one whose body it had no reason to read. `url` is that of a server without TLS.
    """
    place = urlsplit(url)
    connection = HTTPConnection(place.netloc)
    connection.sock = _Deadline(seconds)
    try:
        connection.sock.connect((place.hostname, place.port or HTTP_PORT))
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        # One more tells whether that was all.
        received = response.read(most_bytes + 1)
        if response.length and len(received) <= most_bytes:
            raise IncompleteRead(received, response.length)
        found = {name.lower(): value for name, value in response.getheaders()}
    except (OSError, HTTPException, ValueError) as error:
        # ValueError: http.client's own for some numbers that are none.
        raise NoAnswerError(f"{type(error).__name__} {shortened(printable(str(error), keep=''))}".strip()) from None
    finally:
        connection.close()
    return Answer(response.status, found, received[:most_bytes], whole=len(received) <= most_bytes)


def fault(  # noqa: PLR0917 - as for ask
    judge: Callable[[Answer], str | None],
    url: str,
    method: str,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
    seconds: float,
    most_bytes: int,
) -> str | None:
    """What is wrong with the answer, by a judge of those that came; None where nothing is."""
    try:
        answer = ask(url, method, path, body, headers, seconds, most_bytes)
    except NoAnswerError as error:
        return f"no answer: {error}"
    return judge(answer)
