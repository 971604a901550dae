"""A client's socket for a synchronous worker: it does nothing else while it waits, so every wait is bounded."""

import errno
import socket
import struct
import sys
import time
from typing import Any

from python_service import limits
from python_service.django_app.refusals import HeadTooLargeError, TooLateError

# The kernel hands over clients that have sent something. Any other client has so long to do so.
FIRST_BYTE_SECONDS = 2.0
# To read what the kernel has received, however long it has been there.
LEAST_SECONDS = 0.1
HEAD = b"HEAD "
# In struct tcp_info of <linux/tcp.h>: milliseconds since the client's last data (tcpi_last_data_recv); and of a
# listener, how many clients wait to be accepted (tcpi_unacked).
_LAST_DATA, _UNACCEPTED = struct.Struct("52xI"), struct.Struct("24xI")


class Client:
    """Stands in for the socket that gunicorn reads. It reads a head first, and after `expect_body` a body."""

    def __init__(self, connection: socket.socket, listener: socket.socket) -> None:
        self._socket = connection
        self._listener = listener
        self._received = 0
        self._beginning = b""
        self._most = limits.HEAD_BYTES
        self._seconds = limits.HEAD_SECONDS
        self._deadline: float | None = time.monotonic() + FIRST_BYTE_SECONDS
        self._bounded = True
        self.owes_nothing = False
        """Whether the request has been read whole, or its rest is no longer waited for."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    @property
    def asks_for_head(self) -> bool:
        """Whether the request is a HEAD, however malformed it is otherwise."""
        return self._beginning == HEAD

    def expect_body(self) -> None:
        """The head is whole."""
        self._seconds = limits.BODY_SECONDS
        self._deadline = None
        # The reader of the body bounds its size.
        self._most = sys.maxsize

    def seconds_waiting(self) -> float:
        """How long ago the last bytes came. While all workers are busy, whole requests wait in the kernel."""
        return _tcp_info(self._socket, _LAST_DATA) / 1000

    def others_waiting(self) -> int:
        """How many clients wait for a worker now."""
        return _tcp_info(self._listener, _UNACCEPTED)

    def has_gone(self) -> bool:
        """Whether the client has closed its side of the connection."""
        self._socket.settimeout(0)
        try:
            return not self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def recv(self, size: int) -> bytes:
        if not self._bounded:
            if self.owes_nothing:
                # Only a client that is still sending could lose its answer by a reset, and this one is not.
                self._socket.settimeout(0)
            return self._socket.recv(size)
        if self._received >= self._most:
            raise HeadTooLargeError
        data = self._recv_in_time(size)
        if not self._received:
            self._deadline = None
        if len(self._beginning) < len(HEAD):
            self._beginning = (self._beginning + data).lstrip(b"\r\n")[: len(HEAD)]
        self._received += len(data)
        return data

    def sendall(self, data: bytes) -> None:
        self._socket.settimeout(limits.ANSWER_SECONDS)
        try:
            self._socket.sendall(data)
        except TimeoutError as error:
            # A client that does not read is treated as gone.
            raise ConnectionResetError(errno.ECONNRESET, "the client does not read its answer") from error

    def shutdown(self, how: int) -> None:
        # From here on gunicorn only waits for the client to close, with a bound of its own.
        self._bounded = False
        self._socket.shutdown(how)

    def _recv_in_time(self, size: int) -> bytes:
        now = time.monotonic()
        if self._deadline is None:
            # Set this late, because most requests come whole and need no deadline.
            self._deadline = now + max(LEAST_SECONDS, self._seconds - self.seconds_waiting())
        remaining = self._deadline - now
        if remaining > 0:
            self._socket.settimeout(remaining)
            try:
                return self._socket.recv(size)
            except TimeoutError:
                pass
        self.owes_nothing = True
        if not self._received:
            # As if the client had gone: there is nothing to answer.
            return b""
        raise TooLateError


def _tcp_info(of: socket.socket, field: struct.Struct) -> int:
    if sys.platform != "linux":
        return 0
    value: int = field.unpack(of.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, field.size))[0]
    return value
