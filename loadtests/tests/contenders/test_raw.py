"""Raw requests are replayed, and differences are reported case by case, whatever the server does."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Thread

import psycopg
import pytest
from showdown.contenders import raw
from showdown.contenders.build import build
from showdown.contenders.raw import raw_differences, raw_differences_both_ways
from showdown.contract.contract import load_contract
from showdown.stacks.local import started_service
from showdown_contract.files import golden_body
from showdown_contract.raw import RawCase, load_raw_cases
from showdown_contract.seed import undo_writes
from showdown_stack.ports import LOOPBACK, free_port
from showdown_stack.tiers import Tiers

CASES = {case.name: case for case in load_raw_cases()}
HEALTHY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n" + golden_body("healthz")
ONE = CASES["host: one"]
TWO = CASES["connection: two requests at once"]


@contextmanager
def answering(answer: Callable[[socket.socket], object]) -> Iterator[str]:
    """The URL of a server that calls this for each connection once it has received something."""

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.recv(1 << 16)
                answer(connection)

    with socket.create_server((LOOPBACK, 0)) as server:
        thread = Thread(target=serve)
        thread.start()
        yield f"http://{LOOPBACK}:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "DEADLINE_SECONDS", 1.0)
    monkeypatch.setattr(raw, "MOST_BYTES", 1 << 16)


@pytest.fixture
def replay(stack: Tiers) -> Callable[[RawCase, bytes], list[str]]:
    """The differences of one case, from a server that answers with these bytes and closes."""

    def differences(case: RawCase, answer: bytes) -> list[str]:
        with answering(lambda connection: connection.sendall(answer)) as url:
            return raw_differences(url, stack.postgres.owner_dsn, [case], through_haproxy=False)

    return differences


def test_right_answers_are_no_difference(replay: Callable[[RawCase, bytes], list[str]]) -> None:
    assert replay(ONE, HEALTHY) == []
    assert replay(TWO, HEALTHY * 2) == []
    assert replay(TWO, HEALTHY) == []
    assert replay(ONE, b"HTTP/1.1 100 Continue\r\n\r\n" + HEALTHY) == []
    assert replay(CASES["host: none"], b"") == []


@pytest.mark.parametrize(
    ("case", "answer", "fault"),
    [
        (ONE, HEALTHY.replace(b"200", b"201"), "status 201, expected 200"),
        (ONE, HEALTHY.replace(b"ok", b"OK"), "another body than expected"),
        (ONE, HEALTHY[:-1], "not a whole answer, expected 200"),
        (ONE, b"", "closed without an answer, expected 200"),
        (ONE, b"220 ready\r\n", "not a whole answer, expected 200"),
        (ONE, HEALTHY * 2, "more than 1 answer(s)"),
        (TWO, HEALTHY * 3, "more than 2 answer(s)"),
        (CASES["host: none"], b"HTTP/1.1 400 Bad\r\nContent-Length: 3\r\n\r\nbad", "not in the contract's form"),
        (CASES["method: HEAD of /healthz has no body"], HEALTHY, "more than 1 answer(s)"),
    ],
)
def test_an_answer_that_differs_is_told_with_its_case(
    replay: Callable[[RawCase, bytes], list[str]], case: RawCase, answer: bytes, fault: str
) -> None:
    (difference,) = replay(case, answer)
    assert difference.startswith(f"{case.name}\n  b'")
    assert fault in difference


def test_haproxys_page_to_a_head_is_haproxys_alone(stack: Tiers) -> None:
    page = b"<html><body><h1>400 Bad request</h1>\nYour browser sent an invalid request.\n</body></html>\n"
    answer = b"HTTP/1.1 400 Bad request\r\nContent-Length: %d\r\n\r\n%b" % (len(page), page)
    case = CASES["head: a space before a colon"]
    with answering(lambda connection: connection.sendall(answer)) as url:
        assert raw_differences(url, stack.postgres.owner_dsn, [case], through_haproxy=True) == []
        (difference,) = raw_differences(url, stack.postgres.owner_dsn, [case], through_haproxy=False)
    assert "more than 1 answer(s)" in difference


def test_a_server_that_never_answers_is_left_at_a_deadline(stack: Tiers) -> None:
    with answering(lambda connection: connection.recv(1)) as url:
        (difference,) = raw_differences(url, stack.postgres.owner_dsn, [ONE], through_haproxy=False)
    assert "no answer, and the connection is still open" in difference


def test_a_server_that_answers_for_ever_is_left_in_time(stack: Tiers) -> None:
    def endless(connection: socket.socket) -> None:
        while True:
            connection.sendall(b"x" * 4096)

    with answering(endless) as url:
        (difference,) = raw_differences(url, stack.postgres.owner_dsn, [ONE], through_haproxy=False)
    assert "not a whole answer, expected 200" in difference


def test_no_server_is_a_difference_too(stack: Tiers) -> None:
    url = f"http://{LOOPBACK}:{free_port()}"
    (difference,) = raw_differences(url, stack.postgres.owner_dsn, [ONE], through_haproxy=False)
    assert "no connection: " in difference


def test_a_note_that_must_not_be_stored_is_found(stack: Tiers) -> None:
    case = replace(ONE, unstored="n99")
    with psycopg.connect(stack.postgres.owner_dsn) as connection:
        connection.execute(
            "INSERT INTO notes (recipe_id, text, created_by_id, created_at, updated_at)"
            " VALUES (10, 'n99', 2, now(), now())"
        )
    try:
        with answering(lambda connection: connection.sendall(HEALTHY)) as url:
            (difference,) = raw_differences(url, stack.postgres.owner_dsn, [case], through_haproxy=False)
    finally:
        undo_writes(stack.postgres.owner_dsn)
    assert difference.endswith("stored the note 'n99'")


# One for each server.
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["starlette", "django", "axum"])
def test_a_real_service_answers_every_raw_request_as_it_should(
    name: str, stack: Tiers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    variant = load_contract().contenders().all[name]
    build({name: variant})
    with started_service(stack, name, variant):
        assert raw_differences_both_ways(stack, variant) == []
