"""Stacks of a service at equal requests per second."""

import asyncio
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from outbound import flames
from outbound.flames import drive, sampled
from outbound.traced import asked, calling, one_worker
from showdown.requests.kind import Request
from showdown.sampling import flame_graphs
from showdown_contract.errors import ShowdownError
from showdown_stack.tiers import Tiers
from showdown_stack.upstream import Upstream

SIZE = 2_000


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.path.encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def url() -> Iterator[str]:
    """A server that answers with the path."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_as_many_requests_are_sent_as_the_rate_says(url: str) -> None:
    some = [Request("/a", b"/a".__eq__), Request("/b", b"/b".__eq__)]
    assert asyncio.run(drive(url, some, rate=50, seconds=0.1)) == 5


def test_a_wrong_answer_is_an_error(url: str) -> None:
    with pytest.raises(ShowdownError, match="wrong body"):
        asyncio.run(drive(url, [Request("/a", b"/b".__eq__)], rate=50, seconds=0.1))


def test_a_program_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(flame_graphs, "INFERNO", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        ShowdownError, match="inferno-flamegraph is missing, which draws flame graphs: type 'cargo install inferno"
    ):
        flames.record(["starlette"], tmp_path, rate=1, seconds=1)


def test_a_service_is_sampled(stack: Tiers, real_upstream: Upstream) -> None:
    plain = calling()["starlette-per-call"]
    variant = plain.model_copy(update={"environment": plain.environment | real_upstream.environment})
    with one_worker(stack, "starlette", variant) as pid:
        some = asked(SIZE, 48)
        # The process that has been busiest is sampled: a worker, once it has had requests. They are so few that a busy
        # machine answers them before the upstream's deadline.
        asyncio.run(drive(stack.service_url, some, rate=2, seconds=2))
        stacks = sampled(pid, stack.service_url, some, rate=2, seconds=4)
    assert any("(python_service/upstream/" in frame for stack in stacks for frame in stack)
