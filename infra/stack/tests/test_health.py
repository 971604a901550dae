"""Whether a service is ready, and what it said where it is not."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from showdown_stack.health import Health
from showdown_stack.ports import LOOPBACK, free_port


@pytest.fixture
def url() -> Iterator[str]:
    """A service that is healthy at /up alone."""

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/up" else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer((LOOPBACK, 0), Service) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://{LOOPBACK}:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_path_is_the_contracts(url: str) -> None:
    assert Health(url, "/up").ready()
    assert not Health(url).ready()


def test_what_was_asked_and_answered_last_is_told(url: str) -> None:
    health = Health(url)
    assert str(health) == f"GET {url}/healthz: not asked yet"
    health.ready()
    assert str(health) == f"GET {url}/healthz: status 503"
    away = Health(f"http://{LOOPBACK}:{free_port()}")
    away.ready()
    assert "/healthz: no answer: ConnectionRefusedError" in str(away)
