"""What the golden cases cannot say: headers of answers to HEAD, chunked bodies, several requests on one connection."""

import http.client
import socket
from contextlib import closing
from typing import BinaryIO

import pytest
from showdown_contract.files import golden_body

from tests.served import ADA, APPS, COMMANDS, RECIPE, exchange, serve

NOTES = "POST /api/v1/recipes/10/notes HTTP/1.1\r\nhost: localhost\r\ncookie: sessionid=golden-bo\r\n"
CHUNKED = f"{NOTES}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n".encode()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def everything(port: int, request: bytes) -> bytes:
    """All bytes that come back until the service closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection, connection.makefile("rb") as answers:
        connection.sendall(request)
        return answers.read()


def read_answer(answers: BinaryIO) -> bytes:
    """The body of the next answer, which must have a Content-Length."""
    head = {}
    while line := answers.readline().strip().lower():
        name, _, value = line.partition(b": ")
        head[name] = value
    return answers.read(int(head[b"content-length"]))


@pytest.mark.parametrize("app", COMMANDS)
def test_head_is_answered_as_get_without_the_body(app: str, database_url: str) -> None:
    asked = [("/healthz", ADA), (RECIPE, ADA), (RECIPE, {}), ("/api/v1/recipes", ADA), ("/api/v1/recipes/0", ADA)]
    not_found = [("/api/v1/recipes/999", ADA), ("/nowhere", ADA)]
    with serve(app, database_url) as service:
        for path, headers in asked + not_found:
            request = f"HEAD {path} HTTP/1.0\r\ncookie: {headers.get('cookie', '')}\r\n\r\n".encode()
            get, head = service.ask("GET", path, headers), service.ask("HEAD", path, headers)
            assert head.status == get.status
            assert {**head.headers, "date": ""} == {**get.headers, "date": ""}
            assert head.headers["content-length"] == str(len(get.body))
            assert everything(service.port, request).endswith(b"\r\n\r\n")
        # gunicorn warns of a body that it drops.
        assert {line["level"] for line in service.lines()} <= {"info", "debug"}


@pytest.mark.parametrize("app", APPS)
def test_over_the_wire(app: str, database_url: str) -> None:
    with serve(app, database_url) as service:
        status, body = exchange(service.port, CHUNKED + chunk(b'{"te') + chunk(b'xt":"hi"}') + chunk(b""))
        assert (status, body[-15:]) == (201, b'"reactions":[]}')
        # This body never ends, and is refused all the same.
        endless = CHUNKED + chunk(b" " * 16384) + chunk(b" ")
        assert exchange(service.port, endless) == (413, golden_body("body_too_large"))
        announced = f"{NOTES}content-type: application/json\r\ncontent-length: 1000000\r\n\r\n".encode()
        assert exchange(service.port, announced) == (413, golden_body("body_too_large"))


def test_starlette_keeps_a_connection(database_url: str) -> None:
    with (
        serve("starlette", database_url) as service,
        closing(http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)) as connection,
    ):
        for _ in range(3):
            connection.request("GET", RECIPE, headers=ADA)
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (200, golden_body("recipe-usual"))
            assert connection.sock is not None


@pytest.mark.parametrize("app", ["starlette", "starlette-stock"])
def test_pipelined_requests_are_answered_in_order(app: str, database_url: str) -> None:
    names = {RECIPE: "recipe-usual", "/healthz": "healthz", "/api/v1/recipes/0": "bad_parameter.id"}
    requests = [f"GET {path} HTTP/1.1\r\nhost: localhost\r\ncookie: {ADA['cookie']}\r\n\r\n" for path in names]
    with (
        serve(app, database_url) as service,
        socket.create_connection(("127.0.0.1", service.port), timeout=20) as connection,
        connection.makefile("rb") as answers,
    ):
        connection.sendall("".join(requests).encode())
        for name in names.values():
            assert read_answer(answers) == golden_body(name)


def test_starlette_asks_for_a_body_that_waits_to_be_asked_for(database_url: str) -> None:
    body = b'{"text":"hi"}'
    head = f"{NOTES}content-type: application/json\r\nexpect: 100-continue\r\ncontent-length: {len(body)}\r\n\r\n"
    with (
        serve("starlette", database_url) as service,
        socket.create_connection(("127.0.0.1", service.port), timeout=20) as connection,
        connection.makefile("rb") as answers,
    ):
        connection.sendall(head.encode())
        assert [answers.readline(), answers.readline()] == [b"HTTP/1.1 100 Continue\r\n", b"\r\n"]
        connection.sendall(body)
        assert read_answer(answers)[-15:] == b'"reactions":[]}'
