"""What services answer, and leave behind, when the upstream is away, late or wrong: each HTTP client and strategy."""

import http.client
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import fake_upstream as fake
import psutil
import pytest
from fake_upstream import FakeUpstream, Fault, fake_upstream
from showdown.contenders.build import build
from showdown.contenders.variants import Variant
from showdown.contenders.verify import differences
from showdown.contract.contract import load_contract
from showdown.stacks.local import started_service
from showdown_contract.errors import ShowdownError
from showdown_contract.files import golden_body
from showdown_contract.golden import load_cases
from showdown_stack.process import Process
from showdown_stack.tiers import Tiers
from showdown_stack.upstream import Upstream

VARIANTS = load_contract().contenders().all
SHARED = ["starlette", "django", "axum"]
KNOBS = {"CLIENT", "HTTP_CLIENT", "HTTP2"}
# A variant that is traced calls as the same one without.
TRACED = "PYTHONTRACEMALLOC"
CALLING = [
    *SHARED,
    *(name for name, one in VARIANTS.items() if one.environment.keys() & KNOBS and TRACED not in one.environment),
]
LEAKY = [name for name in CALLING if VARIANTS[name].environment.get("CLIENT") == "leaky"]
# Each client, and each strategy, but not each pair: the others make and close clients in the same two ways. The fake
# upstream speaks HTTP/1.1.
OUTBOUND = [
    name
    for name in CALLING
    if (knobs := VARIANTS[name].environment).get("CLIENT", "shared") in {"shared", "per-call"}
    or "HTTP_CLIENT" not in knobs
    if "HTTP2" not in knobs
]

PATH = "/api/v1/recipes/1/nutrition"
HEADERS = {"cookie": "sessionid=golden-ada"}
RIGHT = (
    '{"id":1,"name":"Baked Pasta with Sausage and Ricotta","summary":"½ salt 🧂","confidence":0.50,"energy_kcal":250,'
    '"protein_g":7.5,"fat_g":3.0,"carbohydrate_g":1e1,"price_cents":199,"currency":"EUR"}'
).encode()
WRONG, LATE = golden_body("bad_gateway.upstream"), golden_body("gateway_timeout.upstream")

# Long enough for right answers of a client for each call on a busy machine.
DEADLINE_MS = 2_000
# What such a machine may take beside that.
PATIENCE_SECONDS = 8.0
LONG_MS = 9_000
SETTLE_SECONDS = 0.05
MOST_REQUESTS = {"analysis": 1, "facts": 2, "price": 3}
# A client that keeps connections has so many at most, after calls that were made one recipe at a time.
MOST_KEPT = 6


@dataclass(frozen=True)
class Case:
    """What the upstream does to a resource, what the service then answers, and how often it may have asked."""

    resource: str
    fault: Fault
    body: bytes
    requests: int = 1

    def __str__(self) -> str:
        return f"{self.resource} {self.fault.__name__}"


CASES = [
    Case("price", fake.right, RIGHT),
    Case("price", fake.busy, WRONG, 3),
    Case("price", fake.busy_once, RIGHT, 2),
    Case("facts", fake.busy, WRONG),
    Case("analysis", fake.busy, WRONG),
    Case("price", fake.closes, WRONG, 3),
    Case("price", fake.closes_once, RIGHT, 2),
    Case("price", fake.resets, WRONG, 3),
    Case("facts", fake.closes, WRONG, 2),
    Case("facts", fake.closes_once, RIGHT, 2),
    Case("analysis", fake.closes, WRONG),
    Case("analysis", fake.closes_once, WRONG),
    Case("price", fake.broken, WRONG),
    Case("price", fake.elsewhere, WRONG),
    Case("analysis", fake.no_http, WRONG),
    Case("facts", fake.no_json, WRONG),
    Case("price", fake.wrong_shape, WRONG),
    Case("facts", fake.text_for_numbers, WRONG),
    Case("analysis", fake.other_id, WRONG),
    Case("analysis", fake.too_large, WRONG),
    Case("price", fake.cut_off, WRONG),
    Case("facts", fake.endless, WRONG),
    Case("analysis", fake.hangs, LATE),
    Case("facts", fake.drips, LATE),
    Case("price", fake.drips_head, LATE),
]


@pytest.fixture
def upstream(reachable_folder: Path) -> Iterator[FakeUpstream]:
    with fake_upstream(reachable_folder) as running:
        yield running


@dataclass(frozen=True)
class Service:
    """A variant's service with one worker, which calls a fake upstream."""

    process: Process
    port: int
    upstream: FakeUpstream

    def ask(self) -> tuple[int, bytes]:
        """Ask for a recipe's nutrition on a new connection, and see that the answer comes in time."""
        start = time.monotonic()
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request("GET", PATH, headers=HEADERS)
            response = connection.getresponse()
            status, body = response.status, response.read()
        assert time.monotonic() - start < DEADLINE_MS / 1000 + PATIENCE_SECONDS
        assert response.getheader("content-type") == "application/json"
        return status, body

    def begin(self) -> socket.socket:
        """Ask, and do not wait for the answer."""
        client = socket.create_connection(("127.0.0.1", self.port))
        client.sendall(f"GET {PATH} HTTP/1.1\r\nhost: test\r\ncookie: {HEADERS['cookie']}\r\n\r\n".encode())
        return client

    def connections(self) -> int:
        """To the upstream, of all processes."""
        ends = [each.raddr for process in self._processes() for each in process.net_connections("tcp")]
        return sum(getattr(end, "port", None) == self.upstream.port for end in ends)

    def descriptors(self) -> int:
        return sum(process.num_fds() for process in self._processes())

    def _processes(self) -> list[psutil.Process]:
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]


@contextmanager
def serve(name: str, stack: Tiers, upstream: FakeUpstream, deadline_ms: int = DEADLINE_MS) -> Iterator[Service]:
    calling = {
        "UPSTREAM_URL": upstream.url,
        "UPSTREAM_CA": str(upstream.ca_file),
        "UPSTREAM_DEADLINE_MS": str(deadline_ms),
    }
    variant = built(name)
    variant = variant.model_copy(
        update={"workers": 1, "pool": 1, "environment": variant.environment | calling},
    )
    with started_service(stack, name, variant) as process:
        yield Service(process, stack.service_port, upstream)
    # Whatever it has leaked, it ends when it is told to.
    assert process.exit_code == 0


def built(name: str) -> Variant:
    variant = VARIANTS[name]
    try:
        build({name: variant})
    except ShowdownError as error:
        if variant.build and variant.build[0].endswith("environment.sh"):
            pytest.skip(f"its Python environment cannot be made: {error}")
        raise
    return variant


@pytest.mark.parametrize("name", OUTBOUND)
def test_a_bad_upstream_is_answered_for_in_time_and_leaves_nothing(
    name: str, stack: Tiers, upstream: FakeUpstream, eventually: Callable[[Callable[[], object]], None]
) -> None:
    with serve(name, stack, upstream) as service:
        assert service.ask() == (200, RIGHT)
        before = service.descriptors() - service.connections()
        for case in CASES:
            upstream.behave()
            upstream.faults = {case.resource: case.fault}
            status = {RIGHT: 200, WRONG: 502, LATE: 504}[case.body]
            assert service.ask() == (status, case.body), str(case)
            asked = upstream.requests
            # A call may also be made again because a kept connection has just ended.
            assert case.requests <= asked[case.resource] <= MOST_REQUESTS[case.resource], str(case)
            assert asked["analysis"] <= MOST_REQUESTS["analysis"], str(case)
            if case.body is LATE:
                eventually(lambda: upstream.left)
            # The end of a kept connection has to be noticed.
            time.sleep(SETTLE_SECONDS)
        upstream.behave()
        assert service.ask() == (200, RIGHT)
        if name not in LEAKY:
            eventually(lambda: upstream.open <= MOST_KEPT)
            eventually(lambda: service.connections() <= MOST_KEPT)
            eventually(lambda: service.descriptors() - service.connections() <= before)


@pytest.mark.parametrize("name", OUTBOUND)
def test_without_a_connection_that_can_be_trusted_there_is_no_answer(
    name: str, stack: Tiers, upstream: FakeUpstream
) -> None:
    with serve(name, stack, upstream) as service:
        for context in [upstream.of_another_ca, upstream.expired]:
            upstream.tls = context
            assert service.ask() == (502, WRONG)
        upstream.behave()
        upstream.before_tls = fake.no_tls
        assert service.ask() == (502, WRONG)
        upstream.before_tls = fake.reset
        # niquests 3.21.2 may wait for a connection that is reset while it is made, until its own time limit.
        waits = VARIANTS[name].environment.get("HTTP_CLIENT") == "niquests"
        assert service.ask() in ([(502, WRONG), (504, LATE)] if waits else [(502, WRONG)])
        upstream.before_tls = upstream.wait_for_the_client
        assert service.ask() == (504, LATE)
        upstream.behave()
        upstream.go_away()
        assert service.ask() == (502, WRONG)
        upstream.come_back()
        assert service.ask() == (200, RIGHT)
        assert upstream.requests["analysis"] == 1


@pytest.mark.parametrize("name", OUTBOUND)
def test_calls_end_when_the_client_goes(
    name: str, stack: Tiers, upstream: FakeUpstream, eventually: Callable[[Callable[[], object]], None]
) -> None:
    """Pyreqwest 0.15.1 goes on with a call that was cancelled, until its own time limit: the deadline."""
    with serve(name, stack, upstream, LONG_MS) as service:
        upstream.faults = {"analysis": fake.hangs}
        start = time.monotonic()
        with service.begin():
            eventually(lambda: upstream.requests["analysis"] and upstream.requests["facts"])
        eventually(lambda: upstream.left)
        if "pyreqwest" not in VARIANTS[name].distributions:
            assert time.monotonic() - start < LONG_MS / 1000
        upstream.behave()
        assert service.ask() == (200, RIGHT)


@pytest.mark.parametrize("name", CALLING)
def test_golden_cases_with_the_real_upstream(name: str, stack: Tiers, real_upstream: Upstream) -> None:
    variant = built(name)
    calling = variant.model_copy(update={"environment": variant.environment | real_upstream.environment})
    before = real_upstream.counters()
    with started_service(stack, name, calling):
        assert differences(stack.service_url, [case for case in load_cases() if case.upstream]) == []
        now = real_upstream.counters()
    calls, handshakes = now.requests - before.requests, now.handshakes - before.handshakes
    assert calls >= 15
    match variant.environment.get("CLIENT", "shared"):
        case "shared":
            # Three calls side by side have three connections at first, in each worker.
            assert handshakes <= min(calls, 3 * variant.workers)
        case _:
            assert handshakes == calls


@pytest.mark.parametrize("name", LEAKY)
def test_what_is_leaky_leaks(name: str, stack: Tiers, upstream: FakeUpstream) -> None:
    with serve(name, stack, upstream) as service:
        for asked in range(1, 6):
            assert service.ask() == (200, RIGHT)
            assert service.connections() == 3 * asked


@pytest.mark.parametrize("name", SHARED)
def test_without_an_upstream_all_else_works(name: str, stack: Tiers) -> None:
    with started_service(stack, name, built(name)):
        for path, status, body in [(PATH, 502, WRONG), ("/api/v1/recipes/1", 200, golden_body("recipe-usual"))]:
            with closing(http.client.HTTPConnection("127.0.0.1", stack.service_port, timeout=30)) as connection:
                connection.request("GET", path, headers=HEADERS)
                response = connection.getresponse()
                assert (response.status, response.read()) == (status, body)
