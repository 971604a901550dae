"""The calls for one recipe, side by side in threads, for synchronous code.

A thread cannot be cancelled, but its wait for a socket can be ended: the socket is shut down. So each call has sockets
that know which call they belong to.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import cache
from random import Random
from typing import Any

from python_service.errors import ApiError, ErrorKind
from python_service.upstream.calls import RESOURCES, BlockingUpstream, CallError, Resource
from python_service.upstream.strategies import Clients

# How often it is looked whether the client has gone.
LOOK_SECONDS = 0.05
_RANDOM = Random()  # noqa: S311  # for pauses
_running = threading.local()


class CancelledError(CallError):
    """The call is of no use any more."""


class Call:
    """One call, until it is cancelled or its time is over."""

    def __init__(self, end: float) -> None:
        self._end = end
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._socket: socket.socket | None = None

    def seconds_left(self) -> float:
        """Raises CancelledError, or TimeoutError when there are none."""
        if self._cancelled.is_set():
            raise CancelledError
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("the upstream did not answer in time")
        return seconds

    def waits_for(self, connection: socket.socket) -> None:
        """Note the socket that the call is about to wait for. Raises OSError where it must not wait."""
        with self._lock:
            self._socket = connection
            try:
                connection.settimeout(self.seconds_left())
            except CancelledError as error:
                # After anything but an OSError, ssl would not close a socket whose handshake is under way.
                raise ConnectionAbortedError from error

    def waits_no_more(self) -> None:
        """Forget the socket: it is the client's again, and another call may get it."""
        with self._lock:
            self._socket = None

    def pause(self, seconds: float) -> None:
        self._cancelled.wait(min(seconds, self.seconds_left()))

    def cancel(self) -> None:
        with self._lock:
            self._cancelled.set()
            if self._socket is not None:
                # Not SSLSocket.shutdown(), which would take the TLS session from under the thread that reads.
                with suppress(OSError):
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class CallSocket(ssl.SSLSocket):
    """A TLS socket each of whose waits ends with the call that waits."""

    def do_handshake(self, block: bool = False) -> None:  # as in ssl
        _waits_for(self)
        super().do_handshake(block)

    def read(self, len: int = 1024, buffer: Any = None) -> Any:  # noqa: A002  # as in ssl
        _waits_for(self)
        return super().read(len, buffer)

    def send(self, data: Any, flags: int = 0) -> int:
        _waits_for(self)
        return super().send(data, flags)


def answers(
    clients: Clients[BlockingUpstream], recipe_id: int, seconds: float, gone: Callable[[], bool]
) -> list[bytes]:
    """The bodies of RESOURCES, in their order.

    All calls together may take so many seconds. If one fails for good, or `gone` says that the client has, the others
    are cancelled. When this returns, no thread is at work. Raises ApiError.
    """
    end = time.monotonic() + seconds
    calls = [Call(end) for _ in RESOURCES]
    futures = [
        _threads().submit(_run, clients, resource, recipe_id, call)
        for resource, call in zip(RESOURCES, calls, strict=True)
    ]
    left = False
    while True:
        look = min(LOOK_SECONDS, max(0, end - time.monotonic()))
        done, pending = wait(futures, look, FIRST_EXCEPTION)
        failed = any(future.exception() for future in done)
        if not pending or failed or time.monotonic() >= end:
            break
        if left := gone():
            break
    for call in calls:
        call.cancel()
    wait(futures)
    if left:
        # Nobody reads the answer, and nothing was wrong.
        raise ApiError(ErrorKind.BAD_UPSTREAM)
    return _bodies(futures, late=time.monotonic() >= end)


def _run(clients: Clients[BlockingUpstream], resource: Resource, recipe_id: int, call: Call) -> bytes:
    _running.call = call
    repeats = 0
    while True:
        try:
            return _once(clients, resource.path(recipe_id), call)
        except CallError as error:
            call.seconds_left()
            pause = resource.pause(error, repeats, _RANDOM)
            if pause is None:
                raise
        call.pause(pause)
        repeats += 1


def _once(clients: Clients[BlockingUpstream], path: str, call: Call) -> bytes:
    client = clients.take()
    try:
        return client.get(path, call.seconds_left())
    finally:
        call.waits_no_more()
        if clients.is_for_one_call():
            client.close()


def _waits_for(connection: socket.socket) -> None:
    call: Call | None = getattr(_running, "call", None)
    if call is not None:
        call.waits_for(connection)


def _bodies(futures: list[Future[bytes]], *, late: bool) -> list[bytes]:
    errors = [error for error in (future.exception() for future in futures) if error is not None]
    if not errors:
        return [future.result() for future in futures]
    # What was cancelled has failed because of the others.
    first = next((error for error in errors if not isinstance(error, CancelledError)), errors[0])
    if not isinstance(first, TimeoutError | CallError):
        raise first
    late = late or isinstance(first, TimeoutError)
    raise ApiError(ErrorKind.UPSTREAM_TIMEOUT if late else ErrorKind.BAD_UPSTREAM) from first


@cache
def _threads() -> ThreadPoolExecutor:
    """Made at the first call, for threads do not survive the fork of a worker."""
    return ThreadPoolExecutor(len(RESOURCES), thread_name_prefix="upstream")
