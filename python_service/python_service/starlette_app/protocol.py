"""uvicorn's HTTP protocol, with a response's head and body in one write.

uvicorn writes one after the other, and uvloop sends each at once: a system call each, and a wake-up
of whoever reads.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Protocol(HttpToolsProtocol):
    """What uvicorn's setting `http` takes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own type
        coalescing = CoalescingTransport(transport, self.loop.call_soon)
        super().connection_made(coalescing)  # type: ignore[arg-type]  # a transport in all but name


class CoalescingTransport:
    """Sends the first write of a turn of the loop together with the second, or at the turn's end without one."""

    def __init__(self, transport: asyncio.Transport, call_soon: Callable[[Callable[[], None]], object]) -> None:
        self._transport = transport
        self._call_soon = call_soon
        self._kept: bytes | None = None
        # Asked for in every request: not by way of __getattr__.
        self.is_closing = transport.is_closing

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
        self._transport.close()

    def _flush(self) -> None:
        if self._kept is not None:
            data, self._kept = self._kept, None
            if not self.is_closing():
                self._transport.write(data)
