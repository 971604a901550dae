"""Requests, as bytes, that both apps refuse, or read in another way than their servers would by themselves."""

import http.client
import socket
import time
from contextlib import ExitStack, suppress

import psutil
import psycopg
import pytest
from showdown_contract.files import golden_body

from tests.served import APPS, RECIPE, Service, everything, exchange, serve

GET = b"GET %b HTTP/1.1\r\nhost: localhost\r\n%b\r\n"
POST = b"POST /api/v1/recipes/10/notes HTTP/1.1\r\nhost: localhost\r\ncookie: sessionid=golden-bo\r\n"
JSON = POST + b"content-type: application/json\r\n"
CHUNKED = JSON + b"transfer-encoding: chunked\r\n\r\n"
NOTE = b'{"text":"hi"}'
ONE_CHUNK = b"%x\r\n%b\r\n" % (len(NOTE), NOTE)
COOKIE = b"cookie: sessionid=golden-ada\r\n"

# What is sent, the status, and the golden body.
CASES: dict[str, tuple[bytes, int, str]] = {
    "an absolute target": (GET % (b"http://example.org/healthz", b""), 200, "healthz"),
    "an absolute target without a path": (GET % (b"http://example.org", b""), 404, "not_found"),
    "a path is not decoded": (GET % (b"/%68ealthz", b""), 404, "not_found"),
    "an id is not decoded": (GET % (b"/api/v1/recipes/%31", COOKIE), 400, "bad_parameter.id"),
    "a path is not decoded before it is split": (
        *(GET % (b"/api/v1/recipes/1%2Fnotes", COOKIE), 400, "bad_parameter.id"),
    ),
    "two Cookie fields": (*(GET % (RECIPE.encode(), b"cookie: a=b\r\n" + COOKIE), 200, "recipe-usual"),),
    "a request line of 8,000 bytes": (GET % (b"/healthz?" + b"x" * 7977, b""), 200, "healthz"),
    "a field of 13 KiB": (GET % (b"/healthz", b"x: %b\r\n" % (b"x" * 13 * 1024)), 200, "healthz"),
    "64 fields": (GET % (b"/healthz", b"x: x\r\n" * 63), 200, "healthz"),
    "a field of 70 kB": (GET % (b"/healthz", b"x: %b\r\n" % (b"x" * 70_000)), 431, "head_too_large"),
    "a request line of 70 kB": (GET % (b"/" + b"x" * 70_000, b""), 431, "head_too_large"),
    "a script's name": (GET % (b"/healthz", b"SCRIPT_NAME: /zzz\r\nPATH_INFO: /zzz\r\n"), 200, "healthz"),
    "a script's name that is in the path": (
        *(GET % (b"/api/v1/x/healthz", b"SCRIPT_NAME: /api/v1/x\r\n"), 404, "not_found"),
    ),
    "no HTTP": (b"hello\r\n\r\n", 400, "bad_request"),
    "no Host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400, "bad_request"),
    "no Host in HTTP/1.0": (b"GET /healthz HTTP/1.0\r\n\r\n", 200, "healthz"),
    "RTSP": (b"GET /healthz RTSP/1.0\r\nhost: localhost\r\n\r\n", 400, "bad_request"),
    "two Hosts": (GET % (b"/healthz", b"host: other\r\n"), 400, "bad_request"),
    "HTTP/2.0": (b"GET /healthz HTTP/2.0\r\nhost: localhost\r\n\r\n", 400, "bad_request"),
    "a target that is not ASCII": (GET % ("/healthz?é".encode(), b""), 400, "bad_request"),
    "a space before a colon": (GET % (b"/healthz", b"x : x\r\n"), 400, "bad_request"),
    "a NUL": (GET % (b"/healthz", b"x: \0\r\n"), 400, "bad_request"),
    "two lengths": (JSON + b"content-length: 13\r\ncontent-length: 13\r\n\r\n" + NOTE, 400, "bad_request"),
    "a length and chunks": (JSON + b"content-length: 13\r\ntransfer-encoding: chunked\r\n\r\n", 400, "bad_request"),
    "another coding below chunks": (
        JSON + b"transfer-encoding: gzip, chunked\r\n\r\n" + ONE_CHUNK + b"0\r\n\r\n",
        *(400, "bad_request"),
    ),
    "chunks after an unknown coding": (
        JSON + b"transfer-encoding: x\r\ntransfer-encoding: chunked\r\n\r\n" + ONE_CHUNK + b"0\r\n\r\n",
        *(400, "bad_request"),
    ),
    "a bad size of a chunk": (CHUNKED + b"zz\r\n", 400, "bad_request"),
    "a bad size of a later chunk": (CHUNKED + b"2\r\n{}\r\nzz\r\n", 400, "bad_request"),
    "a size of a chunk beyond 64 bits": (CHUNKED + b"10000000000000000\r\n", 400, "bad_request"),
    "a forbidden trailer": (CHUNKED + ONE_CHUNK + b"0\r\nhost: other\r\n\r\n", 400, "bad_request"),
    "a cookie in a trailer": (
        CHUNKED.replace(b"cookie:", b"x:") + ONE_CHUNK + b"0\r\ncookie: sessionid=golden-bo\r\n\r\n",
        *(401, "unauthorized"),
    ),
    "a body that is announced too large": (
        *(JSON + b"expect: 100-continue\r\ncontent-length: 99999\r\n\r\n", 413, "body_too_large"),
    ),
    "a body that is too large, whole": (
        *(JSON + b"content-length: 99999\r\n\r\n" + b" " * 99999, 413, "body_too_large"),
    ),
    "a no-break space": (
        *(POST + b"content-type: application/json\xa0\r\ncontent-length: 13\r\n\r\n" + NOTE, 415),
        "unsupported_media_type",
    ),
}


@pytest.mark.parametrize("app", APPS)
def test_every_case(app: str, database_url: str) -> None:
    with serve(app, database_url) as service:
        answers = {name: exchange(service.port, sent) for name, (sent, _, _) in CASES.items()}
        assert answers == {name: (status, golden_body(body)) for name, (_, status, body) in CASES.items()}
        assert not [line for line in service.lines() if line["level"] not in {"debug", "info"}]


# Of HEADs: the answer has no body.
HEADS = {
    "no target": (b"HEAD \0 HTTP/1.1\r\nhost: localhost\r\n\r\n", 400),
    "no Host": (b"HEAD /healthz HTTP/1.1\r\n\r\n", 400),
    "two Hosts": (b"HEAD /healthz HTTP/1.1\r\nhost: localhost\r\nhost: other\r\n\r\n", 400),
    "a space before a colon": (b"HEAD /healthz HTTP/1.1\r\nhost: localhost\r\nx : x\r\n\r\n", 400),
    "HTTP/2.0": (b"HEAD /healthz HTTP/2.0\r\nhost: localhost\r\n\r\n", 400),
    "a field of 70 kB": (b"HEAD /healthz HTTP/1.1\r\nhost: localhost\r\nx: %b\r\n\r\n" % (b"x" * 70_000), 431),
}


@pytest.mark.parametrize("app", [*APPS, "starlette-stock"])
def test_a_head_is_refused_without_a_body(app: str, database_url: str) -> None:
    with serve(app, database_url) as service:
        for name, (sent, status) in HEADS.items():
            head, _, body = everything(service.port, sent).partition(b"\r\n\r\n")
            assert (name, head.startswith(b"HTTP/1.1 %d " % status), body) == (name, True, b"")


def test_what_follows_a_head_is_refused_as_what_it_is(database_url: str) -> None:
    def refusal(after: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", service.port), timeout=20) as connection:
            connection.sendall(b"HEAD /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
            with connection.makefile("rb") as answers:
                while answers.readline() != b"\r\n":
                    pass
                connection.sendall(after)
                return answers.read()

    with serve("starlette", database_url) as service:
        assert refusal(b"GET /healthz HTTP/1.1\r\n\r\n").endswith(golden_body("bad_request"))
        # Which method this is nobody can tell, so the answer is right for any.
        answer = refusal(b"nonsense\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert answer.endswith(b"\r\n\r\n")
        assert b"content-length" not in answer


# What h11 would accept if Strict were not in front of the app.
STOCK = (
    *("an absolute target", "an absolute target without a path", "HTTP/2.0"),
    *("a field of 70 kB", "a length and chunks", "a body that is announced too large"),
)
# What h11 itself refuses.
H11S_OWN = ("no HTTP", "no Host", "RTSP", "a bad size of a chunk")


def test_the_articles_worker_refuses_alike(database_url: str) -> None:
    with serve("starlette-stock", database_url) as service:
        answers = {name: exchange(service.port, CASES[name][0]) for name in STOCK}
        assert answers == {name: (CASES[name][1], golden_body(CASES[name][2])) for name in STOCK}
        assert {exchange(service.port, CASES[name][0]) for name in H11S_OWN} == {(400, b"")}


@pytest.mark.parametrize("app", APPS)
def test_a_short_body_is_never_acted_upon(app: str, database_url: str, database: psycopg.Connection) -> None:
    count = "SELECT count(*) FROM notes WHERE text = 'short body'"
    with serve(app, database_url) as service:
        for body in (
            b'content-length: 40\r\n\r\n{"text":"short body"}',
            b'transfer-encoding: chunked\r\n\r\n15\r\n{"text":"short body"}\r\n',
        ):
            for end in (socket.SHUT_WR, socket.SHUT_RDWR):
                with socket.create_connection(("127.0.0.1", service.port), timeout=20) as connection:
                    connection.sendall(JSON + body)
                    connection.shutdown(end)
                    answer = connection.recv(1000)
                    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
        # With one worker the others are done before this one.
        assert service.ask().status == 200
        assert database.execute(count).fetchone() == (0,)


# What goes on and on: how it begins, and what comes each second.
SLOW = {
    "head": (b"GET /healthz HTTP/1.1\r\n", b"x: x\r\n"),
    "body": (JSON + b"content-length: 100\r\n\r\n", b" "),
    "chunks": (CHUNKED + b"1\r\n \r\n", b"1\r\n \r\n"),
}


def test_slow_requests_are_ended(database_url: str) -> None:
    with ExitStack() as resources:
        # All apps at once, for the deadline takes time. One worker for each connection: a sync worker serves one.
        many = {"WORKERS": len(SLOW), "POOL_SIZE": len(SLOW)}
        apps = [*APPS, "starlette-stock"]
        services = {app: resources.enter_context(serve(app, database_url, **many)) for app in apps}
        connections = {
            (app, name): resources.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=20))
            for app, service in services.items()
            for name in SLOW
            # uvicorn waits for ever for a head that h11 reads.
            if (app, name) != ("starlette-stock", "head")
        }
        for (_, name), connection in connections.items():
            connection.sendall(SLOW[name][0])
        began = time.monotonic()
        while time.monotonic() < began + 8:
            time.sleep(1)
            for (_, name), connection in connections.items():
                connection.sendall(SLOW[name][1])
        for which, connection in connections.items():
            response = http.client.HTTPResponse(connection)
            response.begin()
            assert (which, response.status, response.read()) == (which, 408, golden_body("request_timeout"))
            response.close()
        assert 9 < time.monotonic() - began < 20


@pytest.mark.parametrize("app", APPS)
def test_an_endless_head_takes_no_memory(app: str, database_url: str) -> None:
    def resident(service: Service) -> int:
        return sum(child.memory_info().rss for child in psutil.Process(service.process.pid).children())

    with serve(app, database_url) as service:
        assert service.ask().status == 200
        before = resident(service)
        for piece in (b"x: %b\r\n" % (b"x" * 1000), b"x" * 1000):
            with socket.create_connection(("127.0.0.1", service.port), timeout=20) as connection:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: ")
                # It is refused long before that. A client that goes on sending may not see the answer.
                with suppress(ConnectionError):
                    for _ in range(100):
                        connection.sendall(piece * 1000)
                    pytest.fail("all of 100 MB were taken")
        assert resident(service) - before < 20e6
        assert service.ask().status == 200
