"""A request to a service ends in time, in bounded memory and with one kind of error, whatever is answered."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from showdown_stack.answers import Answer, NoAnswerError, ask, fault
from showdown_stack.ports import LOOPBACK, free_port

MOST_BYTES = 1000
SECONDS = 0.5
HEAD = b"HTTP/1.1 200 OK\r\n"
Script = Callable[[socket.socket, Event], None]


@contextmanager
def answering(script: Script) -> Iterator[str]:
    """Run a server that does this with its only connection, and yield its URL."""
    stopped = Event()
    with socket.create_server((LOOPBACK, 0)) as server:

        def serve() -> None:
            with suppress(OSError), server.accept()[0] as connection:
                connection.recv(65536)
                script(connection, stopped)

        thread = Thread(target=serve)
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.getsockname()[1]}"
        finally:
            stopped.set()
            thread.join()


def said(data: bytes) -> Script:
    return lambda connection, _: connection.sendall(data)


def endless(head: bytes, more: bytes) -> Script:
    def script(connection: socket.socket, stopped: Event) -> None:
        connection.sendall(head)
        while not stopped.is_set():
            connection.sendall(more)

    return script


def dripping(head: bytes, more: bytes) -> Script:
    def script(connection: socket.socket, stopped: Event) -> None:
        connection.sendall(head)
        while not stopped.wait(0.02):
            connection.sendall(more)

    return script


def answer(script: Script, seconds: float = 30) -> Answer:
    with answering(script) as url:
        return ask(url, "GET", "/healthz", None, {}, seconds, MOST_BYTES)


def test_an_answer_is_its_status_headers_and_body() -> None:
    came = answer(said(HEAD + b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"))
    assert came == Answer(200, {"content-type": "application/json", "content-length": "2"}, b"{}", whole=True)


@pytest.mark.parametrize(
    "script",
    [
        endless(HEAD + b"\r\n", b"x" * 65536),
        endless(HEAD + b"Content-Length: 99999999999999999999\r\n\r\n", b"x" * 65536),
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"2\r\nxx\r\n"),
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n", b"x" * 65536),
    ],
)
def test_of_a_body_without_end_so_much_is_read(script: Script) -> None:
    came = answer(script)
    assert came.body == b"x" * MOST_BYTES
    assert not came.whole


@pytest.mark.parametrize(
    "script",
    [
        dripping(b"", b"H"),
        dripping(HEAD, b"x"),
        dripping(HEAD + b"Content-Length: 500\r\n\r\n", b"x"),
        dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: x\r\n"),
        lambda _, stopped: stopped.wait() and None,
    ],
)
def test_an_answer_that_does_not_end_is_none_when_its_time_is_over(script: Script) -> None:
    started = time.monotonic()
    with pytest.raises(NoAnswerError, match="timed out"):
        answer(script, SECONDS)
    # The time-out is for the whole answer, not for each byte.
    assert time.monotonic() - started < 20 * SECONDS


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 -200 OK\r\n\r\n",
        HEAD + b"X: " + b"x" * 100_000 + b"\r\n\r\n",
        HEAD + b"X: x\r\n" * 1000 + b"\r\n",
        HEAD + b"Content-Length: 500\r\n\r\nonly this",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nxxxxx\r\n",
        b"\x1b[2J\x00 no status line\r\n",
    ],
)
def test_what_is_no_answer_is_an_error_that_can_be_shown(data: bytes) -> None:
    with pytest.raises(NoAnswerError) as raised:
        answer(said(data))
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 500


def test_nobody_who_listens_is_one_too() -> None:
    with pytest.raises(NoAnswerError, match="ConnectionRefusedError"):
        ask(f"http://{LOOPBACK}:{free_port()}", "GET", "/", None, {}, SECONDS, MOST_BYTES)


@given(head=st.sampled_from([b"", HEAD, HEAD + b"Transfer-Encoding: chunked\r\n\r\n"]), rest=st.binary(max_size=200))
@settings(max_examples=100)
def test_any_bytes_are_an_answer_or_no_answer(head: bytes, rest: bytes) -> None:
    with suppress(NoAnswerError):
        assert len(answer(said(head + rest)).body) <= MOST_BYTES


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (said(HEAD + b"Content-Length: 2\r\n\r\n{}"), None),
        (said(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"), "status 503"),
        (said(b"garbage\r\n"), "no answer: BadStatusLine"),
    ],
)
def test_an_answer_is_judged_and_none_is_a_fault_too(script: Script, told: str | None) -> None:
    def judge(came: Answer) -> str | None:
        return None if came.status == 200 else f"status {came.status}"

    with answering(script) as url:
        found = fault(judge, url, "GET", "/healthz", None, {}, 30, MOST_BYTES)
    assert found is None if told is None else found is not None and found.startswith(told)
