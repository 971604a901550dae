"""Sends a service one request. Time and memory are bounded, whatever it answers."""

import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, IncompleteRead
from typing import Any
from urllib.parse import urlsplit

from showdown_contract.errors import ShowdownError

from showdown_stack.text import printable, shortened

HTTP_PORT = 80


class NoAnswerError(ShowdownError):
    """There was no HTTP answer, or none in time; the message says which."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    """By name, in lower case."""
    body: bytes
    whole: bool
    """False if the body goes on after what was read of it."""


class _Deadline(socket.socket):
    """A socket with one deadline for everything that is done on it: a time-out alone starts again with each packet."""

    def __init__(self, seconds: float) -> None:
        super().__init__(socket.AF_INET, socket.SOCK_STREAM)
        self._end = time.monotonic() + seconds
        self.settimeout(seconds)

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        """As a socket's. The response is read through it."""
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
    """Send a request and return the answer, of which at most `most_bytes` are read. Raises NoAnswerError.

    The whole takes at most `seconds`. Any proxy that the environment names is ignored. The connection is used once,
    for a server may close it after a request whose body it had no reason to read. `url` is that of a server without
    TLS.
    """
    place = urlsplit(url)
    connection = HTTPConnection(place.netloc)
    connection.sock = _Deadline(seconds)
    try:
        connection.sock.connect((place.hostname, place.port or HTTP_PORT))
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        # One byte more tells whether the body goes on.
        received = response.read(most_bytes + 1)
        if response.length and len(received) <= most_bytes:
            raise IncompleteRead(received, response.length)
        found = {name.lower(): value for name, value in response.getheaders()}
    except (OSError, HTTPException, ValueError) as error:
        # ValueError: http.client raises it for some malformed numbers.
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
    """What is wrong: that there is no answer, or what `judge` says about it. None if nothing is wrong."""
    try:
        answer = ask(url, method, path, body, headers, seconds, most_bytes)
    except NoAnswerError as error:
        return f"no answer: {error}"
    return judge(answer)
