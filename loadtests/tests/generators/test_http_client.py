"""The client takes every right answer, however it is cut; of anything else it says what was wrong, and goes on."""

import os
import re
import resource
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import gevent
import pytest
from hostile import BEHAVIOURS, serving
from httptools import HttpParserError
from hypothesis import given
from hypothesis import strategies as st
from lab.certificates import authority, certify
from servers import Handler, running_server
from showdown.generators import http_client
from showdown.generators.http_client import HttpClient, NoAnswerError, _Answers
from showdown.requests.kind import Answer, Request
from showdown.requests.scenarios import MOST_ANSWER_BYTES
from showdown_contract.errors import ShowdownError
from showdown_stack.ports import LOOPBACK, free_port

GET = Request("/a", bool)
HEAD = Request("/a", bool, method="HEAD")
POST = Request("/a", bool, method="POST", body=b"{}")
OK = b"HTTP/1.1 200 OK\r\n"
YES = OK + b"Content-Length: 3\r\n\r\nyes"
CLOSED = b""


@dataclass
class Server:
    """A server with a script, and its one client."""

    url: str
    client: HttpClient
    asked: list[list[bytes]] = field(default_factory=list)
    """A list for each connection."""


@contextmanager
def answering(
    *script: Sequence[bytes], host: str = LOOPBACK, tls: ssl.SSLContext | None = None, base: str = ""
) -> Iterator[Server]:
    """A server that gives these answers, in this order, on each connection that is made, and then closes it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listening:
        listening.settimeout(20)
        place = f"[{host}]" if ":" in host else "localhost" if tls else host
        url = f"{'https' if tls else 'http'}://{place}:{listening.getsockname()[1]}{base}"
        server = Server(url, HttpClient(url))

        def serve() -> None:
            for answers in script:
                connection, _ = listening.accept()
                connection.settimeout(20)
                with suppress(ConnectionError, ssl.SSLError), connection, ExitStack() as resources:
                    if tls:
                        connection = resources.enter_context(tls.wrap_socket(connection, server_side=True))
                    server.asked.append([])
                    for answer in answers:
                        server.asked[-1].append(request_of(connection))
                        connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        with closing(server.client):
            yield server
        thread.join()


def request_of(connection: socket.socket) -> bytes:
    """One whole request; so far as it came where the client has left."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (data := connection.recv(65536)):
            return received
        received += data
    length = re.search(rb"content-length: (\d+)", received, re.IGNORECASE)
    while length and len(received.partition(b"\r\n\r\n")[2]) < int(length[1]):
        received += connection.recv(65536)
    return received


def fault(client: HttpClient, request: Request = GET) -> str:
    with pytest.raises(NoAnswerError) as refused:
        client.ask(request)
    return str(refused.value)


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (YES, Answer(200, b"yes")),
        (OK + b"Content-Length: 0\r\n\r\n", Answer(200, b"")),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\ny\r\n2;x=1\r\nes\r\n0\r\nT: 1\r\n\r\n", Answer(200, b"yes")),
        (OK + b"Content-Type: text/plain\r\n\r\nuntil the end", Answer(200, b"until the end")),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", Answer(200, b"until the end")),
        (b"HTTP/1.1 204 No Content\r\n\r\n", Answer(204, b"")),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", Answer(304, b"")),
        (b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 1\r\n\r\nx", Answer(302, b"x")),
        (b"HTTP/1.1 500 \xff\r\nX: \xff\xfe\r\nContent-Length: 2\r\n\r\n\xff\xfe", Answer(500, b"\xff\xfe")),
        (OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\xff\xfe", Answer(200, b"\xff\xfe")),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + YES, Answer(200, b"yes")),
        (b"HTTP/1.1 103 Early Hints\r\nContent-Length: 3\r\n\r\n" + OK + b"\r\nyes", Answer(200, b"yes")),
    ],
)
def test_an_answer_is_its_status_and_its_body_as_it_came(sent: bytes, answer: Answer) -> None:
    with answering([sent]) as server:
        assert server.client.ask(GET) == answer


def test_a_request_says_what_it_must_and_no_more() -> None:
    with answering([YES] * 4, base="/base/") as server:
        server.client.ask(Request("/a?b=1", bool, {"Cookie": "c=1"}))
        server.client.ask(Request("/é", bool, {"host": "other"}, "POST", "ü".encode()))
        server.client.ask(Request("/", bool, method="POST"))
        server.client.ask(Request("/", bool, method="DELETE"))
    host = urlsplit(server.url).netloc
    assert [request.decode() for request in server.asked[0]] == [
        f"GET /base/a?b=1 HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: identity\r\nCookie: c=1\r\n\r\n",
        "POST /base/é HTTP/1.1\r\nAccept-Encoding: identity\r\nContent-Length: 2\r\nhost: other\r\n\r\nü",
        f"POST /base/ HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: identity\r\nContent-Length: 0\r\n\r\n",
        f"DELETE /base/ HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: identity\r\n\r\n",
    ]


def test_a_connection_is_used_for_as_long_as_it_is_kept() -> None:
    closing = OK + b"Connection: close\r\nContent-Length: 0\r\n\r\n"
    old = b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"
    with answering([YES, YES, closing], [YES, old], [YES]) as server:
        for _ in range(6):
            assert server.client.ask(GET).status == 200
    assert [len(asked) for asked in server.asked] == [3, 2, 1]


def test_an_answer_to_head_has_no_body_whatever_it_says() -> None:
    with answering(
        [YES.removesuffix(b"yes"), b"HTTP/1.1 100 Continue\r\n\r\n" + YES.removesuffix(b"yes"), YES]
    ) as server:
        assert server.client.ask(HEAD) == Answer(200, b"")
        assert server.client.ask(HEAD) == Answer(200, b"")
        assert server.client.ask(GET) == Answer(200, b"yes")


def test_a_body_of_many_packets_is_taken_whole_both_ways() -> None:
    long = bytes(range(256)) * 4_000
    with answering([OK + b"Content-Length: %d\r\n\r\n" % len(long) + long]) as server:
        assert server.client.ask(Request("/", bool, method="POST", body=long)).body == long
    assert server.asked[0][0].endswith(b"\r\n\r\n" + long)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"", "no answer: the connection was closed"),
        (b"HTTP/1.1 200", "no answer: the connection was closed"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", "no answer: the connection was closed"),
        (OK + b"Content-Length: 5\r\n\r\n{}", "no whole answer: the connection was closed"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}", "no whole answer: the connection was closed"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", "no whole answer: the connection was closed"),
        (b"\x00\x1b[2J not http at all\r\n\r\n", "no answer: Expected HTTP/, RTSP/ or ICE/"),
        (b"HTTP/1.1 abc OK\r\n\r\n", "no answer: Invalid status code"),
        (OK + b"Content-Length: -5\r\n\r\n{}", "no answer: Invalid character in Content-Length"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "no whole answer: Invalid character in chunk size"),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
            "no answer: another protocol, which nobody has asked for",
        ),
        (YES + YES, "no whole answer: more than was asked"),
        (YES + b"H", "no whole answer: more than was asked"),
        (
            OK + b"Connection: close\r\nContent-Length: 3\r\n\r\nyesno",
            "no whole answer: Data after `Connection: close`",
        ),
    ],
)
def test_what_is_no_answer_is_told_and_the_next_is_asked_on_a_new_connection(sent: bytes, reason: str) -> None:
    with answering([sent], [YES]) as server:
        assert fault(server.client) == reason
        assert server.client.ask(GET) == Answer(200, b"yes")


def test_a_body_that_follows_an_answer_to_head_is_more_than_was_asked() -> None:
    with answering([YES]) as server:
        assert fault(server.client, HEAD) == "no whole answer: more than was asked"


@pytest.mark.parametrize(
    ("behaviour", "how_much"),
    [
        ("endless-body", "whole answer"),
        ("endless-chunks", "whole answer"),
        ("endless-headers", "answer"),
        ("endless-header", "answer"),
        ("endless-100s", "answer"),
    ],
)
def test_an_answer_is_over_after_so_many_bytes(behaviour: str, how_much: str) -> None:
    with serving(BEHAVIOURS[behaviour]) as url:
        assert fault(HttpClient(url)) == f"no {how_much}: an answer of more than {MOST_ANSWER_BYTES} bytes"


@pytest.mark.parametrize(
    ("behaviour", "how_much"), [("dripping-body", "whole answer"), ("dripping-headers", "answer"), ("silent", "answer")]
)
def test_an_answer_is_over_after_so_many_seconds(behaviour: str, how_much: str) -> None:
    with serving(BEHAVIOURS[behaviour]) as url:
        assert fault(HttpClient(url, seconds=3)) == f"no {how_much}: an answer that takes more than 3 s"


def test_each_answer_has_as_many_seconds() -> None:
    class Slow(Handler):
        def respond(self) -> None:
            time.sleep(0.7)
            self.answer(b"yes")

    with running_server(Slow) as url, closing(HttpClient(url, seconds=3)) as client:
        for _ in range(6):
            assert client.ask(GET) == Answer(200, b"yes")


def test_nobody_there_is_no_answer() -> None:
    client = HttpClient(f"http://{LOOPBACK}:{free_port()}")
    assert fault(client) == "no answer: Connection refused"
    with pytest.raises(NoAnswerError, match="no answer: Connection refused"):
        client.connect()
    assert fault(HttpClient("http://a..b")) == "no answer: 'a..b' is no name of a host"


def test_what_the_server_closed_meanwhile_is_asked_again() -> None:
    # Read, and not answered: nobody knows whether it was done.
    with answering([YES, CLOSED], [YES]) as server:
        server.client.ask(GET)
        assert server.client.ask(GET) == Answer(200, b"yes")
    assert [len(asked) for asked in server.asked] == [2, 1]


def test_it_is_asked_again_only_once() -> None:
    with answering([YES, CLOSED], [CLOSED]) as server:
        server.client.ask(GET)
        assert fault(server.client) == "no answer: the connection was closed"
    assert [len(asked) for asked in server.asked] == [2, 1]


def test_what_must_not_be_done_twice_is_not_sent_twice() -> None:
    with answering([YES, CLOSED], [YES]) as server:
        server.client.ask(GET)
        assert fault(server.client, POST) == "no answer: the connection was closed"
        assert server.client.ask(GET).status == 200
    assert [len(asked) for asked in server.asked] == [2, 1]


def test_what_was_half_answered_is_not_sent_twice() -> None:
    with answering([YES, b"HTTP"], [YES]) as server:
        server.client.ask(GET)
        assert fault(server.client) == "no answer: the connection was closed"
        assert server.client.ask(GET).status == 200


def test_after_a_pause_even_what_must_not_be_done_twice_goes_on_a_connection_that_is_open() -> None:
    with answering([YES], [YES]) as server:
        server.client.ask(GET)
        time.sleep(2 * http_client.IDLE_SECONDS)
        assert server.client.ask(POST) == Answer(200, b"yes")


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    """More than select() knows are open."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(limits[0], 2_000), limits[1]))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1_100)]
    yield
    for each in opened:
        os.close(each)
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.usefixtures("many_descriptors")
def test_a_pause_alone_closes_nothing() -> None:
    with answering([YES, YES]) as server:
        server.client.ask(GET)
        time.sleep(2 * http_client.IDLE_SECONDS)
        assert server.client.ask(POST) == Answer(200, b"yes")


def test_connecting_ahead_and_closing_are_the_users_choice() -> None:
    with answering([YES], [YES]) as server:
        server.client.connect()
        server.client.connect()
        server.client.ask(GET)
        server.client.close()
        server.client.close()
        server.client.ask(GET)
    assert [len(asked) for asked in server.asked] == [1, 1]


def test_a_user_that_is_stopped_in_mid_answer_leaves_nothing_to_the_next_request() -> None:
    with serving(BEHAVIOURS["dripping-body"]) as url:
        client = HttpClient(url)
        with gevent.Timeout(0.5, exception=False):
            client.ask(GET)
        assert client._socket is None


def test_ipv6_has_brackets() -> None:
    try:
        with answering([YES], host="::1") as server:
            assert server.client.ask(GET) == Answer(200, b"yes")
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert b"Host: [::1]:" in server.asked[0][0]


def test_https_believes_whom_openssl_believes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ca = authority(tmp_path, "ca")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certify(tmp_path, ca, "localhost"))
    http_client._tls.cache_clear()
    long = OK + b"Content-Length: 100000\r\n\r\n" + b"x" * 100_000
    with answering([], [YES, long, CLOSED], [YES], tls=tls) as server:
        assert "certificate verify failed" in fault(server.client)
        monkeypatch.setenv("SSL_CERT_FILE", str(ca))
        http_client._tls.cache_clear()
        assert server.client.ask(GET) == Answer(200, b"yes")
        assert server.client.ask(GET) == Answer(200, b"x" * 100_000)
        assert server.client.ask(GET) == Answer(200, b"yes")
    http_client._tls.cache_clear()
    assert [len(asked) for asked in server.asked] == [3, 1]


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8000", "ftp://a", "http://", "http://a:99999", "http://a:b", "http://["]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ShowdownError, match=r"is no address of a server: say http://HOST:PORT"):
        HttpClient(url)


def by_length(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def in_chunks(body: bytes) -> bytes:
    parts = [body[start : start + 7] for start in range(0, len(body), 7)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return b"Transfer-Encoding: chunked\r\n\r\n%b0\r\n\r\n" % chunks


@st.composite
def exchanges(draw: st.DrawFn) -> tuple[str, Answer, bytes]:
    """A method, its right answer, and one form in which that may come."""
    method, status = draw(st.sampled_from(["GET", "HEAD"])), draw(st.integers(200, 599))
    body = b"" if method == "HEAD" or status in {204, 304} else draw(st.binary(max_size=40))
    interim = b"HTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\n" * draw(st.integers(0, 2))
    rest = draw(st.sampled_from([by_length, in_chunks]))(body) if body or method == "GET" else by_length(b"not sent")
    rest = rest.removesuffix(b"not sent") if method == "HEAD" else rest
    if status in {204, 304}:
        rest = b"\r\n"
    return method, Answer(status, body), interim + b"HTTP/1.1 %d X\r\nA: b\r\n" % status + rest


@given(st.lists(exchanges(), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_answers_are_the_same_wherever_they_are_cut(exchanged: list[tuple[str, Answer, bytes]], chance: Random) -> None:
    answers = _Answers()
    for method, answer, sent in exchanged:
        answers.expect(method)
        fed = 0
        while fed < len(sent):
            assert not answers.is_whole
            end = chance.randint(fed + 1, len(sent))
            answers.feed(sent[fed:end])
            fed = end
        assert answers.is_whole
        assert answers.take()[0] == answer


@given(st.binary(max_size=60), st.integers(1, 60))
def test_a_body_without_a_length_ends_with_the_connection(body: bytes, cut: int) -> None:
    answers = _Answers()
    answers.expect("GET")
    sent = OK + b"X: content-length: 5\r\n\r\n" + body
    for part in (sent[:cut], sent[cut:], b""):
        if part or not answers.is_whole:
            answers.feed(part)
    assert answers.take() == (Answer(200, body), False)


@given(st.binary(max_size=200))
def test_whatever_comes_is_an_answer_or_a_fault(data: bytes) -> None:
    answers = _Answers()
    answers.expect("GET")
    with suppress(OSError, HttpParserError, http_client._RefusedError):
        answers.feed(data)
        if not answers.is_whole:
            answers.feed(b"")
        assert answers.is_whole
