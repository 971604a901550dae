"""haproxy passes the API's complete requests to the service, answers the others itself, and counts."""

import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from csv import DictReader
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import psutil
import pytest
from servers import Handler, running_server
from showdown.contract.contract import load_contract
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT, golden_body
from showdown_stack import programs
from showdown_stack.haproxy import STATISTICS, Haproxy, ask, running_haproxy
from showdown_stack.ports import LOOPBACK, accepts, free_port, free_ports
from showdown_stack.privilege import HAPROXY
from showdown_stack.process import Process

PROGRAM = programs.find("haproxy") or Path("haproxy")
pytestmark = pytest.mark.skipif(programs.find("haproxy") is None, reason="haproxy is not installed")


PLACES, QUEUE = 25, 100
# Longer than all of haproxy's deadlines, even on a busy machine; the article's were twice as long.
MOST_SECONDS = 15
POST = b"POST /api/v1/notes HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"


class Echo(Handler):
    """Answers with the request's path, which also says what else should happen."""

    seen: list[str]
    released: Event

    def respond(self) -> None:
        self.seen.append(self.path)
        if "hang" in self.path:
            self.released.wait()
        if "garble" in self.path:
            self.wfile.write(b"garbage\r\n\r\n")
        if "garble" in self.path or ("drop" in self.path and self.seen.count(self.path) == 1):
            self.close_connection = True
            return
        expected = {"expected": self.headers["expect"] or "nothing"}
        self.answer(self.path.encode(), 500 if "fail" in self.path else 200, expected)


@contextmanager
def running_service(port: int) -> Iterator[list[str]]:
    """A service that remembers the paths of its requests."""
    seen, released = list[str](), Event()
    handler = type("Handler", (Echo,), {"seen": seen, "released": released})
    with running_server(handler, port):
        yield seen
        released.set()


@pytest.fixture
def service_port() -> int:
    return free_port()


@pytest.fixture
def haproxy(service_port: int, reachable_folder: Path, tmp_path: Path) -> Iterator[Haproxy]:
    with running_haproxy(PROGRAM, load_contract(), {free_port(): service_port}, reachable_folder, tmp_path) as running:
        yield running
    assert not running.process.running


def get(haproxy: Haproxy, path: str, method: str = "GET") -> tuple[int, str | None, bytes]:
    """Status, content type and body."""
    connection = HTTPConnection(urlsplit(haproxy.url).netloc, timeout=MOST_SECONDS)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.headers["content-type"], response.read()
    finally:
        connection.close()


def send(haproxy: Haproxy, request: bytes) -> socket.socket:
    """Open a connection and send this on it."""
    address = urlsplit(haproxy.url)
    connection = socket.create_connection((address.hostname, address.port), timeout=MOST_SECONDS)
    connection.sendall(request)
    return connection


@contextmanager
def sent(haproxy: Haproxy, request: bytes, times: int) -> Iterator[Sequence[socket.socket]]:
    """Open so many connections and send this on each."""
    with ExitStack() as connections:
        yield [connections.enter_context(send(haproxy, request)) for _ in range(times)]


def answer(connection: socket.socket) -> HTTPResponse:
    response = HTTPResponse(connection)
    response.begin()
    return response


def sessions(haproxy: Haproxy, name: str) -> int:
    """The number of requests that have a place in the service (service1), or have one or wait for one (BACKEND)."""
    return statistic(haproxy, name, "scur")


def denied(haproxy: Haproxy) -> int:
    """The number of requests that were refused by a rule."""
    return statistic(haproxy, "BACKEND", "dreq")


def statistic(haproxy: Haproxy, name: str, column: str) -> int:
    rows = DictReader(ask(haproxy.stats_socket, STATISTICS).splitlines())
    return next(int(row[column]) for row in rows if (row["# pxname"], row["svname"]) == ("service-1", name))


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


def test_each_service_has_a_port_and_counts_of_its_own(reachable_folder: Path, tmp_path: Path) -> None:
    first, second = free_ports(2), free_ports(2)
    behind = dict(zip(first, second, strict=True))
    with (
        running_haproxy(PROGRAM, load_contract(), behind, reachable_folder, tmp_path) as haproxy,
        running_service(second[0]) as of_first,
        running_service(second[1]) as of_second,
    ):
        for port, path in ((first[0], "/api/v1/a"), (first[1], "/api/v1/b"), (first[1], "/healthz")):
            assert get(replace(haproxy, ports=[port]), path)[0] == 200
        assert (of_first, of_second) == (["/api/v1/a"], ["/api/v1/b", "/healthz"])
        assert [haproxy.totals(number).responses for number in (1, 2)] == [1, 2]


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


@pytest.mark.parametrize(
    "unfinished",
    [
        pytest.param(b"Content-Length: 10\r\n\r\nabc", id="a body cut off"),
        pytest.param(b"Content-Length: 16384\r\nX: %b\r\n\r\n%b" % (b"x" * 14_000, b"x" * 16_383), id="at the limit"),
        pytest.param(b"Content-Length: 20000\r\n\r\n" + b"x" * 19_999, id="over the limit"),
        pytest.param(b"Content-Length: 99999\r\n\r\n" + b"x" * 90_000, id="far over it"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", id="a chunk missing"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n15F90\r\n" + b"x" * 80_000, id="a chunk that never ends"),
        pytest.param(
            b"Transfer-Encoding: chunked\r\nX: %b\r\n\r\n15F90\r\n%b" % (b"x" * 26_000, b"x" * 80_000),
            id="a large head and such a chunk",
        ),
        pytest.param(
            b"Transfer-Encoding: chunked\r\nX: %b\r\n\r\n15F90\r\n%b" % (b"x" * 40_000, b"x" * 7_000),
            id="a head that leaves no place for it",
        ),
    ],
)
def test_unfinished_requests_keep_nobody_waiting(haproxy: Haproxy, service_port: int, unfinished: bytes) -> None:
    with running_service(service_port) as seen, sent(haproxy, POST + unfinished, 2 * PLACES):
        for path in ("/api/v1/others", "/healthz"):
            assert get(haproxy, path)[0] == 200
        assert seen == ["/api/v1/others", "/healthz"]


def test_the_largest_request_of_the_contract_is_sent_on(haproxy: Haproxy, service_port: int) -> None:
    request = POST + b"Content-Length: 16384\r\nX: %b\r\n\r\n%b" % (b"x" * 14_000, b"x" * 16_384)
    with running_service(service_port), send(haproxy, request) as connection:
        assert answer(connection).status == 200


def test_the_service_need_not_ask_for_a_body_that_is_there(haproxy: Haproxy, service_port: int) -> None:
    waiting = POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    with running_service(service_port) as seen, send(haproxy, waiting) as connection:
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert seen == []
        connection.sendall(b"{}")
        assert answer(connection).headers["expected"] == "nothing"


def test_in_a_full_service_health_is_answered_at_once_and_the_queue_after_a_second(
    haproxy: Haproxy, service_port: int, eventually: Callable[[Callable[[], object]], None]
) -> None:
    hanging = b"GET /api/v1/hang HTTP/1.1\r\nHost: a\r\n\r\n"
    with running_service(service_port), sent(haproxy, hanging, PLACES):
        eventually(lambda: sessions(haproxy, "service1") == PLACES)
        assert get(haproxy, "/healthz") == (200, None, b"/healthz")
        with send(haproxy, hanging) as connection:
            busy = answer(connection)
            assert (busy.status, busy.headers["retry-after"]) == (503, "1")
            assert busy.headers["content-type"] == "application/json"
            assert busy.read() == golden_body("unavailable.busy")


def test_whoever_finds_the_queue_full_is_refused_at_once(
    haproxy: Haproxy, service_port: int, eventually: Callable[[Callable[[], object]], None]
) -> None:
    hanging = b"GET /api/v1/hang HTTP/1.1\r\nHost: a\r\n\r\n"
    with running_service(service_port) as seen, sent(haproxy, hanging, PLACES):
        eventually(lambda: sessions(haproxy, "service1") == PLACES)
        with sent(haproxy, hanging, QUEUE + 10) as connections:
            # Those in the queue are answered later, in the order in which they came.
            refused = answer(connections[-1])
            assert (refused.status, refused.headers["retry-after"]) == (503, "1")
            assert refused.read() == golden_body("unavailable.busy")
            assert denied(haproxy) >= 1
            assert get(haproxy, "/healthz") == (200, None, b"/healthz")
        assert seen.count("/api/v1/hang") == PLACES


def _reloaded(master: int) -> bool:
    """Whether an old and a new process are there. haproxy 2.6 does not hear a signal just after its start."""
    os.kill(master, signal.SIGUSR2)
    time.sleep(1)
    return len(psutil.Process(master).children()) > 1


def test_a_reload_cuts_no_connection(
    service_port: int, reachable_folder: Path, tmp_path: Path, eventually: Callable[[Callable[[], object]], None]
) -> None:
    request = b"GET /api/v1/kept HTTP/1.1\r\nHost: a\r\n\r\n"
    port = free_port()
    with running_haproxy(PROGRAM, load_contract(), {port: service_port}, reachable_folder, tmp_path) as before:
        pass
    # As on the hosts of a cloud, with the same configuration.
    command = [str(PROGRAM), "-W", "-db", "-f", str(reachable_folder / "haproxy.cfg")]
    with Process("haproxy", command, tmp_path / "haproxy.log", user=HAPROXY) as master, running_service(service_port):
        master.wait_until(lambda: accepts(port), MOST_SECONDS)
        with sent(before, request, 40) as idle:
            assert [answer(connection).read() for connection in idle] == [b"/api/v1/kept"] * 40
            eventually(lambda: _reloaded(master.pid))
            for connection in idle:
                connection.sendall(request)
            last = [answer(connection) for connection in idle]
            assert [(each.status, each.headers["connection"]) for each in last] == [(200, "close")] * 40
        assert get(before, "/api/v1/new")[0] == 200


def test_whoever_leaves_the_queue_is_forgotten(
    haproxy: Haproxy, service_port: int, eventually: Callable[[Callable[[], object]], None]
) -> None:
    with running_service(service_port) as seen:
        with sent(haproxy, b"GET /api/v1/hang HTTP/1.1\r\nHost: a\r\n\r\n", PLACES):
            eventually(lambda: sessions(haproxy, "service1") == PLACES)
            with send(haproxy, b"GET /api/v1/left HTTP/1.1\r\nHost: a\r\n\r\n"):
                eventually(lambda: sessions(haproxy, "BACKEND") == PLACES + 1)
            eventually(lambda: sessions(haproxy, "BACKEND") == PLACES)
        assert "/api/v1/left" not in seen


def test_a_service_that_hangs_is_answered_for(haproxy: Haproxy, service_port: int) -> None:
    with running_service(service_port):
        assert get(haproxy, "/api/v1/hang") == (504, "application/json", golden_body("gateway_timeout"))


def test_health_that_hangs_is_answered_for_at_once(haproxy: Haproxy, service_port: int) -> None:
    # The kernel accepts connections, and nobody reads what is sent on them.
    with (
        socket.create_server((LOOPBACK, service_port)),
        send(haproxy, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n") as connection,
    ):
        hung = answer(connection)
        assert (hung.status, hung.read()) == (504, golden_body("gateway_timeout"))


def test_a_service_that_answers_garbage_is_answered_for(haproxy: Haproxy, service_port: int) -> None:
    with running_service(service_port):
        assert get(haproxy, "/api/v1/garble") == (502, "application/json", golden_body("bad_gateway"))


def test_a_service_that_is_away_is_answered_for(haproxy: Haproxy) -> None:
    for path in ("/healthz", "/api/v1/recipes"):
        assert get(haproxy, path) == (503, "application/json", golden_body("unavailable.busy"))


@pytest.mark.parametrize(
    ("request_", "status", "body"),
    [
        (b"GET /healthz HTTP/1.1\r\n\r\n", 400, "bad_request"),
        (POST + b"Content-Length: 10\r\n\r\nabc", 408, "request_timeout"),
        (POST + b"Content-Length: 90000\r\n\r\n", 413, "body_too_large"),
        (POST + b"Content-Length: 90000\r\nExpect: 100-continue\r\n\r\n", 413, "body_too_large"),
        (b"GET /api/v1/x HTTP/1.1\r\nHost: a\r\nX: %b\r\n\r\n" % (b"x" * 40_000), 431, "head_too_large"),
    ],
)
def test_what_haproxy_refuses_it_refuses_in_the_contracts_form(
    haproxy: Haproxy, request_: bytes, status: int, body: str
) -> None:
    with send(haproxy, request_) as connection:
        refused = answer(connection)
        assert (refused.status, refused.headers["content-type"]) == (status, "application/json")
        assert refused.read() == golden_body(body)


def test_http_2_is_not_spoken(haproxy: Haproxy) -> None:
    with send(haproxy, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") as connection:
        assert answer(connection).status == 400


def test_a_get_that_a_server_drops_is_tried_again(haproxy: Haproxy, service_port: int) -> None:
    with running_service(service_port) as seen:
        assert get(haproxy, "/api/v1/drop") == (200, None, b"/api/v1/drop")
        assert seen == ["/api/v1/drop"] * 2


def test_a_post_that_a_server_drops_is_not_sent_twice(haproxy: Haproxy, service_port: int) -> None:
    with running_service(service_port) as seen:
        assert get(haproxy, "/api/v1/drop", "POST") == (502, "application/json", golden_body("bad_gateway"))
        assert seen == ["/api/v1/drop"]


def test_every_body_that_haproxy_has_is_of_the_contract(haproxy: Haproxy) -> None:
    bodies = {path.stem for path in haproxy.stats_socket.parent.parent.glob("*.body")}
    assert bodies >= {"bad_gateway", "gateway_timeout", "not_found", "unavailable.busy"}
    assert all(set(json.loads(golden_body(name))) == {"error"} for name in bodies)


def test_another_contract_has_its_own_routes_and_answers(
    service_port: int, reachable_folder: Path, tmp_path: Path
) -> None:
    todo = load_contract(CHECKOUT / "loadtests" / "tests" / "todo")
    with (
        running_service(service_port) as seen,
        running_haproxy(PROGRAM, todo, {free_port(): service_port}, reachable_folder, tmp_path) as haproxy,
    ):
        assert get(haproxy, "/todos/1") == (200, None, b"/todos/1")
        assert get(haproxy, "/health") == (200, None, b"/health")
        assert get(haproxy, "/api/v1/recipes") == (404, "application/json", b'{"error": "Not Found"}')
        assert seen == ["/todos/1", "/health"]


@pytest.fixture
def two_instances(service_port: int, reachable_folder: Path, tmp_path: Path) -> Iterator[tuple[Haproxy, int]]:
    """In front of a service, and the port of another instance of it."""
    port, other = free_ports(2)
    with running_haproxy(
        PROGRAM, load_contract(), {port: service_port}, reachable_folder, tmp_path, {port: [other]}
    ) as running:
        yield running, other


def test_an_instance_gets_requests_when_it_is_told_so(two_instances: tuple[Haproxy, int], service_port: int) -> None:
    haproxy, other = two_instances
    with running_service(service_port) as first, running_service(other) as second:
        for _ in range(4):
            get(haproxy, "/api/v1/a")
        assert (len(first), len(second)) == (4, 0)
        haproxy.set_state(1, 2, "ready")
        haproxy.set_state(1, 1, "drain")
        for _ in range(4):
            get(haproxy, "/api/v1/b")
        assert (first.count("/api/v1/b"), second.count("/api/v1/b")) == (0, 4)


def test_how_many_requests_are_under_way_in_an_instance(
    two_instances: tuple[Haproxy, int], service_port: int, eventually: Callable[[Callable[[], object]], None]
) -> None:
    haproxy, _ = two_instances
    with running_service(service_port):
        waiting = send(haproxy, b"GET /api/v1/hang HTTP/1.1\r\nHost: a\r\n\r\n")
        eventually(lambda: haproxy.under_way(1, 1) == 1)
        assert haproxy.under_way(1, 2) == 0
        waiting.close()


def test_an_instance_that_there_is_not_is_told(haproxy: Haproxy) -> None:
    with pytest.raises(ShowdownError, match="haproxy does not set service-1/service2 to ready: "):
        haproxy.set_state(1, 2, "ready")


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether a process has a handler for a signal."""
    status = Path(f"/proc/{pid}/status").read_text().partition("SigCgt:")[2].split()[0]
    return bool(int(status, 16) >> (number - 1) & 1)


def test_on_sigusr2_another_worker_takes_over(
    haproxy: Haproxy, service_port: int, eventually: Callable[[Callable[[], object]], None]
) -> None:
    master = psutil.Process(haproxy.process.pid)
    before = master.children()
    # It ignores the signal until it is done with its start, when the worker answers already.
    eventually(lambda: catches(master.pid, signal.SIGUSR2))
    with running_service(service_port):
        os.kill(master.pid, signal.SIGUSR2)
        eventually(lambda: master.children() and not set(before) & set(master.children()))
        assert get(haproxy, "/api/v1/a")[0] == 200
    assert haproxy.process.running
