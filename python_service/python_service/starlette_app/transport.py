"""The transport below uvicorn's protocol: a response's head and body in one write, and an end that is heard.

uvicorn writes one after the other, and uvloop sends each at once: a system call each, and a wake-up
of whoever reads.
"""

import asyncio
from typing import Any

# To who still sends while it is refused: for as long, and as much, the end of the connection waits.
LINGER_SECONDS = 2.0
LINGER_BYTES = 64 * 1024


class CoalescingTransport:
    """Sends the first write of a turn of the loop together with the second, or at the turn's end without one."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._call_soon = loop.call_soon
        self._kept: bytes | None = None
        # Asked for in every request: not by way of __getattr__.
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
            # At once, so that all but one write counts for the transport's flow control.
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
        # With bytes unread the kernel ends a connection by a reset, and that takes back the answer.
        self._transport.write_eof()
        self._transport.set_protocol(Lingering(self._transport, self._transport.get_protocol(), self._loop))
        self._transport.resume_reading()
        self.is_closing = lambda: True


class Lingering(asyncio.Protocol):
    """Reads to nobody until the client has gone, and tells the protocol before it then."""

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
