"""Three calls side by side in threads, with real sockets."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Protocol

import fake_upstream as fake
import pytest
from fake_upstream import FakeUpstream, Fault, fake_upstream
from python_service.errors import ApiError, ErrorKind
from python_service.upstream import blocking
from python_service.upstream.calls import BlockingUpstream, CallError
from python_service.upstream.clients import blocking as opening
from python_service.upstream.knobs import BLOCKING, ClientStrategy, HttpClient
from python_service.upstream.strategies import Clients, Context
from python_service.upstream.target import Target

LONG = 60.0
# For what should happen at once, on a busy machine.
SOON = 10.0


@pytest.fixture
def upstream(tmp_path: Path) -> Iterator[FakeUpstream]:
    with fake_upstream(tmp_path) as running:
        yield running


class Make(Protocol):
    """Clients for the fake upstream."""

    def __call__(
        self, library: HttpClient = HttpClient.HTTPX, strategy: ClientStrategy = ClientStrategy.SHARED
    ) -> Clients[BlockingUpstream]: ...


@pytest.fixture
def clients(upstream: FakeUpstream) -> Iterator[Make]:
    """Makes clients, and closes those that are left."""
    made: list[Clients[BlockingUpstream]] = []

    def make(
        library: HttpClient = HttpClient.HTTPX, strategy: ClientStrategy = ClientStrategy.SHARED
    ) -> Clients[BlockingUpstream]:
        target = Target(upstream.url, str(upstream.ca_file), LONG, http2=False)
        made.append(Clients(strategy, partial(open_client, library), target))
        return made[-1]

    yield make
    for each in made:
        for client in each.kept:
            client.close()


def open_client(library: HttpClient, target: Target, context: Context) -> BlockingUpstream:
    def for_calls() -> ssl.SSLContext:
        made = context()
        made.sslsocket_class = blocking.CallSocket
        return made

    return opening(library)(target, for_calls)


@pytest.mark.parametrize("library", sorted(BLOCKING))
@pytest.mark.parametrize("strategy", list(ClientStrategy))
def test_bodies_come_in_the_order_of_the_resources(
    library: HttpClient, strategy: ClientStrategy, upstream: FakeUpstream, clients: Make
) -> None:
    some = clients(library, strategy)
    for id_ in (1, 2):
        bodies = blocking.answers(some, id_, LONG, lambda: False)
        assert bodies == [fake.document(name, id_) for name in ("analysis", "facts", "price")]
    assert upstream.requests == {"analysis": 2, "facts": 2, "price": 2}


@pytest.mark.parametrize("library", sorted(BLOCKING))
@pytest.mark.parametrize("fault", [fake.hangs, fake.drips, fake.drips_head])
def test_the_deadline_ends_every_wait(library: HttpClient, fault: Fault, upstream: FakeUpstream, clients: Make) -> None:
    upstream.faults = {"analysis": fault}
    start = time.monotonic()
    with pytest.raises(ApiError) as error:
        blocking.answers(clients(library), 1, 1.0, lambda: False)
    assert error.value.kind is ErrorKind.UPSTREAM_TIMEOUT
    assert time.monotonic() - start < SOON
    wait_until_left(upstream)


@pytest.mark.parametrize("library", sorted(BLOCKING))
def test_one_that_fails_for_good_ends_the_waits_of_the_others(
    library: HttpClient, upstream: FakeUpstream, clients: Make
) -> None:
    upstream.faults = {"analysis": fake.hangs, "facts": fake.drips, "price": fake.broken}
    start = time.monotonic()
    with pytest.raises(ApiError) as error:
        blocking.answers(clients(library), 1, LONG, lambda: False)
    assert error.value.kind is ErrorKind.BAD_UPSTREAM
    assert isinstance(error.value.__cause__, CallError)
    assert str(error.value.__cause__) == "status 500"
    assert time.monotonic() - start < SOON


@pytest.mark.parametrize("library", sorted(BLOCKING))
def test_calls_end_when_the_client_goes(library: HttpClient, upstream: FakeUpstream, clients: Make) -> None:
    upstream.faults = {"analysis": fake.hangs}
    start = time.monotonic()
    with pytest.raises(ApiError) as error:
        blocking.answers(clients(library), 1, LONG, lambda: upstream.requests["analysis"] > 0)
    # So it is not logged: a client may go.
    assert error.value.__cause__ is None
    assert time.monotonic() - start < SOON
    wait_until_left(upstream)


def test_a_pause_ends_when_the_call_is_cancelled() -> None:
    call = blocking.Call(time.monotonic() + LONG)
    threading.Timer(0.05, call.cancel).start()
    start = time.monotonic()
    call.pause(LONG / 2)
    assert time.monotonic() - start < SOON
    with pytest.raises(blocking.CancelledError):
        call.seconds_left()


def test_a_socket_is_refused_once_the_call_is_cancelled() -> None:
    call = blocking.Call(time.monotonic() + LONG)
    call.cancel()
    with socket.socket() as connection, pytest.raises(ConnectionAbortedError):
        call.waits_for(connection)


def test_a_call_whose_time_is_over() -> None:
    with pytest.raises(TimeoutError):
        blocking.Call(time.monotonic() - 1).seconds_left()


def wait_until_left(upstream: FakeUpstream) -> None:
    end = time.monotonic() + SOON
    while not upstream.left:
        assert time.monotonic() < end
        time.sleep(0.01)
