"""A hostile service: each of its behaviours breaks clients that trust it.

    python hostile.py BEHAVIOUR [--healthy]

serves on $HOST:$PORT. With --healthy, its health check passes.
"""

import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from showdown_stack.ports import LOOPBACK

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
HEALTHY = OK + b'Content-Length: 15\r\n\r\n{"status":"ok"}'
Behaviour = Callable[[socket.socket, threading.Event], None]


def says(data: bytes) -> Behaviour:
    """Answers only this."""
    return lambda connection, _: connection.sendall(data)


def endless(head: bytes, more: bytes) -> Behaviour:
    """Answers without end, as fast as the client reads."""

    def behave(connection: socket.socket, stopped: threading.Event) -> None:
        connection.sendall(head)
        while not stopped.is_set():
            connection.sendall(more)

    return behave


def dripping(head: bytes, more: bytes) -> Behaviour:
    """Answers without end, a little at a time."""

    def behave(connection: socket.socket, stopped: threading.Event) -> None:
        connection.sendall(head)
        while not stopped.wait(0.1):
            connection.sendall(more)

    return behave


BEHAVIOURS: dict[str, Behaviour] = {
    "garbage": says(b"\x00\x1b[2J not http at all\r\n\r\n"),
    "nothing": says(b""),
    "bad-status": says(b"HTTP/1.1 abc OK\r\n\r\n"),
    "bad-chunk": says(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n"),
    "bad-length": says(OK + b"Content-Length: -5\r\n\r\n{}"),
    "cut-short": says(OK + b"Content-Length: 500\r\n\r\n{}"),
    "not-utf-8": says(b"HTTP/1.1 500 \xff\r\nX: \xff\xfe\r\nContent-Length: 2\r\nConnection: close\r\n\r\n\xff\xfe"),
    "bad-encoding": says(OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\nConnection: close\r\n\r\n\xff\xfe"),
    "elsewhere": says(b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n"),
    "endless-body": endless(OK + b"\r\n", b"x" * 65536),
    "endless-chunks": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
    "endless-headers": endless(OK, b"X: " + b"x" * 8000 + b"\r\n"),
    "endless-header": endless(OK + b"X: ", b"x" * 65536),
    "endless-100s": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "dripping-body": dripping(OK + b"Content-Length: 10000\r\n\r\n", b"x"),
    "dripping-headers": dripping(OK, b"x"),
    "silent": dripping(b"", b""),
}


def serve(behave: Behaviour, server: socket.socket, stopped: threading.Event, *, healthy: bool = False) -> None:
    """Answer every connection in this way until stopped. `healthy`: except for the health check."""

    def answer(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            asked = connection.recv(65536)
            if healthy and asked.startswith(b"GET /healthz "):
                connection.sendall(HEALTHY)
            else:
                behave(connection, stopped)

    server.settimeout(0.1)
    threads = []
    while not stopped.is_set():
        with suppress(TimeoutError):
            connection, _ = server.accept()
            connection.settimeout(5)
            threads.append(threading.Thread(target=answer, args=[connection]))
            threads[-1].start()
    for thread in threads:
        thread.join()


@contextmanager
def serving(behave: Behaviour) -> Iterator[str]:
    """The URL of a service with this behaviour."""
    stopped = threading.Event()
    with socket.create_server((LOOPBACK, 0)) as server:
        thread = threading.Thread(target=serve, args=[behave, server, stopped])
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.getsockname()[1]}"
        finally:
            stopped.set()
            thread.join()


if __name__ == "__main__":
    with socket.create_server((os.environ["HOST"], int(os.environ["PORT"]))) as listening:
        serve(BEHAVIOURS[sys.argv[1]], listening, threading.Event(), healthy="--healthy" in sys.argv)
