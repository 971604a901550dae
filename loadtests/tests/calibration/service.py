"""Answers every request $DELAY_MS after it came, $POOL_SIZE at once: its capacity is POOL_SIZE / DELAY_MS, exactly.

Each answer's moment is fixed when its request comes. So a wake-up that is late delays one answer, and not those behind.
"""

import heapq
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from threading import Lock, Thread

DELAY = float(os.environ["DELAY_MS"]) / 1000
# Before its moment a thread stops sleeping, for the kernel wakes it a little late.
AWAKE_SECONDS = 0.0002
HEALTHY, WAITED = b'{"status":"ok"}', b'{"status":"waited"}'


class Places:
    """When each of the places at which requests are served is free again."""

    def __init__(self, number: int) -> None:
        self._free_at = [0.0] * number
        self._lock = Lock()

    def served_at(self, came_at: float) -> float:
        """The moment for the answer to a request, which takes the place that is free first."""
        with self._lock:
            moment = max(came_at, self._free_at[0]) + DELAY
            heapq.heapreplace(self._free_at, moment)
        return moment


def wait_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic() - AWAKE_SECONDS))
    while time.monotonic() < moment:
        pass


def answer(connection: socket.socket, status: str, body: bytes) -> None:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)


def converse(connection: socket.socket, places: Places) -> None:
    """Answer one request after the other; those of this contract have no body."""
    received = b""
    with connection, suppress(OSError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            while b"\r\n\r\n" not in received:
                if not (more := connection.recv(65536)):
                    return
                received += more
            came_at = time.monotonic()
            head, _, received = received.partition(b"\r\n\r\n")
            match head.split(b" ", 2)[1]:
                case b"/wait":
                    wait_until(places.served_at(came_at))
                    answer(connection, "200 OK", WAITED)
                case b"/health":
                    answer(connection, "200 OK", HEALTHY)
                case _:
                    answer(connection, "404 Not Found", b"{}")


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    places = Places(int(os.environ["POOL_SIZE"]))
    with socket.create_server((os.environ["HOST"], int(os.environ["PORT"])), backlog=1024) as server:
        while True:
            connection, _ = server.accept()
            Thread(target=converse, args=(connection, places), daemon=True).start()


if __name__ == "__main__":
    main()
