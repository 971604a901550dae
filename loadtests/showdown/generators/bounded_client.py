"""Bounds for Locust's HTTP client, which has none: an answer fails after too many bytes or too many seconds.

Without them an answer that never ends would take all memory and, if it comes fast, all of
gevent's loop, so that Locust could not even stop.
"""

import time

from geventhttpclient import client
from geventhttpclient.response import HTTPParseError, HTTPSocketPoolResponse
from locust.contrib.fasthttp import FastHttpSession, FastResponse

from showdown.requests.scenarios import MOST_ANSWER_BYTES, MOST_ANSWER_SECONDS


class BoundedResponse(HTTPSocketPoolResponse):
    """Counts all bytes received, those of headers included."""

    _received = 0
    _end: float | None = None

    def feed(self, data: str | bytes) -> None:
        """Parse received bytes. Raises HTTPParseError, a failure for Locust, if they are too many or too late."""
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
    """Leaves the body compressed: a small body can decompress to a huge one."""

    def _content(self) -> bytes:
        if self.headers is None or self._response is None:
            return b""
        body = self._response.read()
        self.release()
        return body


def bound(session: FastHttpSession) -> None:
    """Bound all that a user's session receives. It follows no redirects and keeps no cookies."""
    # The client has no other way to set the response class.
    client.HTTPSocketPoolResponse = BoundedResponse  # type: ignore[attr-defined]
    agent = session.client
    agent.response_type = PlainResponse  # type: ignore[misc]
    agent.redirect_response_codes = frozenset()  # type: ignore[misc]
    agent.cookiejar = None
