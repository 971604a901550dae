"""Whether a service is ready, and what it answered if it is not."""

from collections.abc import Iterator

import pytest
from servers import Handler, running_server
from showdown_stack.health import Health
from showdown_stack.ports import LOOPBACK, free_port


@pytest.fixture
def url() -> Iterator[str]:
    """A service that is healthy only at /up."""

    class Service(Handler):
        def respond(self) -> None:
            self.answer(b"", 200 if self.path == "/up" else 503)

    with running_server(Service) as url:
        yield url


def test_the_path_is_the_contracts(url: str) -> None:
    assert Health(url, "/up").ready()
    assert not Health(url, "/healthz").ready()


def test_what_was_asked_and_answered_last_is_told(url: str) -> None:
    health = Health(url, "/healthz")
    assert str(health) == f"GET {url}/healthz: not asked yet"
    health.ready()
    assert str(health) == f"GET {url}/healthz: status 503"
    away = Health(f"http://{LOOPBACK}:{free_port()}", "/healthz")
    away.ready()
    assert "/healthz: no answer: ConnectionRefusedError" in str(away)
