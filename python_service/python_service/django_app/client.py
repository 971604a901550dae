"""A client's socket for a worker that can do nothing else meanwhile: every wait has its end."""

import errno
import socket
import struct
import sys
import time
from typing import Any

from python_service import limits
from python_service.django_app.refusals import HeadTooLargeError, TooLateError

# The kernel passes on who has sent something; the others get so long.
FIRST_BYTE_SECONDS = 2.0
# To take what has come from the kernel, however long it has waited there.
LEAST_SECONDS = 0.1
# Milliseconds since the client's last data: tcpi_last_data_recv in struct tcp_info of <linux/tcp.h>.
_LAST_DATA = struct.Struct("52xI")


class Client:
    """What gunicorn takes for the socket. It starts with a head; `expect_body` is next."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._received = 0
        self._most = limits.HEAD_BYTES
        self._seconds = limits.HEAD_SECONDS
        self._deadline: float | None = time.monotonic() + FIRST_BYTE_SECONDS
        self._bounded = True
        self.owes_nothing = False
        """Whether what it asked with has been read, or is not waited for."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def expect_body(self) -> None:
        """The head is whole."""
        self._seconds = limits.BODY_SECONDS
        self._deadline = None
        # Whoever reads the body knows how much of it to read.
        self._most = sys.maxsize

    def seconds_waiting(self) -> float:
        """How long ago the last bytes came: while all workers are busy a whole request waits in the kernel."""
        if sys.platform != "linux":
            return 0.0
        info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_DATA.size)
        milliseconds: int = _LAST_DATA.unpack(info)[0]
        return milliseconds / 1000

    def recv(self, size: int) -> bytes:
        if not self._bounded:
            if self.owes_nothing:
                # A reset would take back the answer only from who still sends.
                self._socket.settimeout(0)
            return self._socket.recv(size)
        if self._received >= self._most:
            raise HeadTooLargeError
        data = self._recv_in_time(size)
        if not self._received:
            self._deadline = None
        self._received += len(data)
        return data

    def sendall(self, data: bytes) -> None:
        self._socket.settimeout(limits.ANSWER_SECONDS)
        try:
            self._socket.sendall(data)
        except TimeoutError as error:
            # Who does not read is as good as gone.
            raise ConnectionResetError(errno.ECONNRESET, "the client does not read its answer") from error

    def shutdown(self, how: int) -> None:
        # From here on gunicorn only waits for the client's end, with a bound of its own.
        self._bounded = False
        self._socket.shutdown(how)

    def _recv_in_time(self, size: int) -> bytes:
        now = time.monotonic()
        if self._deadline is None:
            # Most requests come whole, and need none.
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
            # As if it had gone: there is nothing to answer.
            return b""
        raise TooLateError
