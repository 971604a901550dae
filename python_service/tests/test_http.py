"""What the golden cases cannot say: HEAD, chunked bodies, several requests on one connection."""

import http.client
import socket
from contextlib import closing

import pytest
from showdown_contract.files import golden_body

from tests.served import ADA, APPS, RECIPE, serve

NOTES = "POST /api/v1/recipes/10/notes HTTP/1.1\r\nhost: localhost\r\ncookie: sessionid=golden-bo\r\n"
CHUNKED = f"{NOTES}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n".encode()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def exchange(port: int, request: bytes) -> tuple[int, bytes]:
    """Status and body of the answer to bytes, after which the client sends nothing and waits."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        with closing(response):
            response.begin()
            return response.status, response.read()


@pytest.mark.parametrize("app", APPS)
def test_over_the_wire(app: str, database_url: str) -> None:
    with serve(app, database_url) as service:
        get, head = service.ask(), service.ask("HEAD")
        assert (head.status, head.body) == (200, b"")
        assert head.headers["content-length"] == str(len(get.body))
        assert head.headers["content-type"] == "application/json"

        status, body = exchange(service.port, CHUNKED + chunk(b'{"te') + chunk(b'xt":"hi"}') + chunk(b""))
        assert (status, body[-15:]) == (201, b'"reactions":[]}')
        # No end of the body: the answer comes without it.
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
