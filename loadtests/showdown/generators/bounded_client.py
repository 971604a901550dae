"""Bounds for Locust's HTTP client, which has none: an answer is over after so many bytes and so many seconds.

Without them one answer that never ends would take all memory, and, where it comes fast, every turn of
gevent's loop too: Locust could not even stop.
"""

import time

from geventhttpclient import client
from geventhttpclient.response import HTTPParseError, HTTPSocketPoolResponse
from locust.contrib.fasthttp import FastHttpSession, FastResponse

from showdown.requests.scenarios import MOST_ANSWER_BYTES, MOST_ANSWER_SECONDS


class BoundedResponse(HTTPSocketPoolResponse):
    """What is received is counted where all of it passes, headers as well as bodies."""

    _received = 0
    _end: float | None = None

    def feed(self, data: str | bytes) -> None:
        """Take what has come. Raises HTTPParseError, a failure for Locust, where it is too much or too late."""
        self._received += len(data)
        if self._received > MOST_ANSWER_BYTES:
            raise HTTPParseError(f"an answer of more than {MOST_ANSWER_BYTES} bytes")
        now = time.monotonic()
        if self._end is None:
            self._end = now + MOST_ANSWER_SECONDS
        elif now > self._end:
            raise HTTPParseError(f"an answer that takes more than {MOST_ANSWER_SECONDS} s")
        super().feed(data)


class PlainResponse(FastResponse):
    """The body as it came: nothing is unpacked, for a little that is packed can be very much."""

    def _content(self) -> bytes:
        if self.headers is None or self._response is None:
            return b""
        body = self._response.read()
        self.release()
        return body


def bound(session: FastHttpSession) -> None:
    """Bound all that a user's session receives; and let it take no order where to go next, or what to send."""
    # The client has no other way to choose the class of its answers.
    client.HTTPSocketPoolResponse = BoundedResponse  # type: ignore[attr-defined]
    agent = session.client
    agent.response_type = PlainResponse  # type: ignore[misc]
    agent.redirect_response_codes = frozenset()  # type: ignore[misc]
    agent.cookiejar = None
