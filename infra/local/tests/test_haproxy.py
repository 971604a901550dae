"""haproxy sends the API's paths to the service, answers the others itself, and counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from local_stack import programs
from local_stack.haproxy import Haproxy, running_haproxy
from local_stack.ports import LOOPBACK, free_port
from showdown_contract.files import golden_body

PROGRAM = programs.find("haproxy") or Path("haproxy")
pytestmark = pytest.mark.skipif(programs.find("haproxy") is None, reason="haproxy is not installed")


class Echo(BaseHTTPRequestHandler):
    """Answers with the request's path; the path says what else is to happen."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.path.encode()
        self.send_response(500 if "fail" in self.path else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running_service(port: int) -> Iterator[None]:
    with ThreadingHTTPServer((LOOPBACK, port), Echo) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.fixture
def service_port() -> int:
    return free_port()


@pytest.fixture
def haproxy(service_port: int, reachable_folder: Path, tmp_path: Path) -> Iterator[Haproxy]:
    with running_haproxy(PROGRAM, free_port(), service_port, reachable_folder, tmp_path) as running:
        yield running
    assert not running.process.running


def get(haproxy: Haproxy, path: str) -> tuple[int, str | None, bytes]:
    """Status, content type and body."""
    connection = HTTPConnection(urlsplit(haproxy.url).netloc)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.headers["content-type"], response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/recipes", "/api/v1/recipes/1?x=%20", "/api/v1/"])
def test_the_apis_paths_go_to_the_service_as_they_are(haproxy: Haproxy, service_port: int, path: str) -> None:
    with running_service(service_port):
        assert get(haproxy, path) == (200, None, path.encode())


@pytest.mark.parametrize("path", ["/", "/healthz/", "/api/v1", "/api/v2/recipes", "/admin"])
def test_any_other_path_is_answered_as_the_service_would(haproxy: Haproxy, path: str) -> None:
    assert get(haproxy, path) == (404, "application/json", golden_body("not_found"))


def test_what_the_service_answers_is_counted(haproxy: Haproxy, service_port: int) -> None:
    before = haproxy.totals()
    assert before.responses == before.server_errors == before.connection_errors == 0
    with running_service(service_port):
        for path in ("/api/v1/ok", "/healthz", "/api/v1/fail", "/nothing"):
            get(haproxy, path)
    after = haproxy.totals()
    assert after.responses == 3
    assert after.server_errors == 1
    assert after.connection_errors == 0


def test_a_service_that_is_away_is_counted_and_may_come_back(haproxy: Haproxy, service_port: int) -> None:
    assert get(haproxy, "/healthz")[0] == 503
    assert haproxy.totals().connection_errors > 0
    with running_service(service_port):
        assert get(haproxy, "/healthz")[0] == 200


def test_forgetting_maxima_keeps_the_totals(haproxy: Haproxy, service_port: int) -> None:
    with running_service(service_port):
        get(haproxy, "/healthz")
    haproxy.forget_maxima()
    assert haproxy.totals().responses == 1
    assert haproxy.totals().most_queued == 0
