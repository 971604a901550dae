"""The transport below uvicorn's protocol: writes head and body together, and closes without losing the answer.

uvicorn writes the head and then the body, and uvloop sends each at once: that is two system calls, and the reader
is woken twice.
"""

import asyncio
from typing import Any

# A client that is refused may still be sending: the end of the connection waits so long, and reads so much.
LINGER_SECONDS = 2.0
LINGER_BYTES = 64 * 1024


class CoalescingTransport:
    """Sends the first two writes in a turn of the event loop together, or a single one at the end of the turn."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._call_soon = loop.call_soon
        self._kept: bytes | None = None
        # Called in every request, so it does not go through __getattr__.
        self.is_closing = transport.is_closing
        self.unread = False
        """Whether the client is in the middle of a request."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if self._kept is None:
            self._kept = data
            self._call_soon(self._flush)
        else:
            # Written now, so that the transport's flow control knows of all writes but one.
            first, self._kept = self._kept, None
            self._transport.writelines((first, data))

    def close(self) -> None:
        self._flush()
        if self.unread and not self.is_closing():
            self._linger()
        else:
            self._transport.close()

    def _flush(self) -> None:
        if self._kept is not None:
            data, self._kept = self._kept, None
            if not self.is_closing():
                self._transport.write(data)

    def _linger(self) -> None:
        # If bytes are unread, the kernel resets the connection, and the client may lose the answer.
        self._transport.write_eof()
        self._transport.set_protocol(Lingering(self._transport, self._transport.get_protocol(), self._loop))
        self._transport.resume_reading()
        self.is_closing = lambda: True


class Lingering(asyncio.Protocol):
    """Reads and discards until the client has gone, then tells the previous protocol."""

    def __init__(
        self, transport: asyncio.Transport, before: asyncio.BaseProtocol, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._transport = transport
        self._before = before
        self._rest = LINGER_BYTES
        self._end = loop.call_later(LINGER_SECONDS, transport.abort)

    def data_received(self, data: bytes) -> None:
        self._rest -= len(data)
        if self._rest < 0:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end.cancel()
        self._before.connection_lost(exc)
