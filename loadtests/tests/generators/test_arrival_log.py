"""Each request has its line in the log: when it was due, when it ended, and what came."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from servers import Handler, running_server
from showdown.contract.contract import load_contract
from showdown.generators import arrival_log
from showdown.generators.arrival_log import ArrivalLog, Span
from showdown_contract.files import CHECKOUT
from showdown_stack.ports import LOOPBACK, free_port
from showdown_stack.tiers import Tiers

CONTRACT = load_contract()
RATE, SECONDS = 40.0, 1.0


class Wrong(Handler):
    """Answers everything with the same."""

    def respond(self) -> None:
        self.answer(b"{}")


def span(url: str, **requests: int) -> Span:
    start = time.time() + 0.5
    kinds = {name.replace("_", "-"): weight for name, weight in requests.items()}
    return Span(start, start + SECONDS, RATE, url, kinds, size=2_000, seed="1")


@pytest.fixture(scope="module")
def generator(session_folder: Path) -> Iterator[ArrivalLog]:
    with ArrivalLog(session_folder / "arrivals", CONTRACT, 2_000) as log:
        log.wait_until_ready()
        yield log


def test_each_request_has_its_line(generator: ArrivalLog, starlette: Tiers) -> None:
    asked = span(starlette.url, recipe_detail=1, note_create=1)
    arrived = generator.arrived(generator.follow(asked))
    assert [each.due for each in arrived] == pytest.approx([asked.start + number / RATE for number in range(40)])
    assert {(each.kind, each.status) for each in arrived} == {("recipe-detail", 200), ("note-create", 201)}
    for each in arrived:
        assert each.sent is not None
        assert each.due <= each.sent <= each.ended
        assert each.failure is None
        assert ('"id":' in each.created) == (each.kind == "note-create")


def test_it_may_end_earlier(generator: ArrivalLog) -> None:
    asked = replace(span(f"http://{LOOPBACK}:{free_port()}", recipe_detail=1), end=time.time() + 600)
    number = generator.follow(asked)
    generator.end(number, asked.start + SECONDS)
    assert len(generator.arrived(number)) == 40


def test_what_is_refused_is_logged_too(generator: ArrivalLog) -> None:
    arrived = generator.arrived(generator.follow(span(f"http://{LOOPBACK}:{free_port()}", recipe_detail=1)))
    assert len(arrived) == 40
    for each in arrived:
        assert each.status is None
        assert each.failure
        assert each.failure.startswith("no answer: ")


def test_a_wrong_body_is_a_failure(generator: ArrivalLog) -> None:
    with running_server(Wrong) as url:
        arrived = generator.arrived(generator.follow(span(url, recipe_detail=1)))
    assert {(each.status, each.failure) for each in arrived} == {(200, "wrong body")}


def test_who_hangs_delays_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers, and yet each request is sent when it is due."""
    monkeypatch.setattr(arrival_log, "DEADLINE_SECONDS", 1.5)
    with socket.create_server((LOOPBACK, 0)) as silent:
        asked = span(f"http://{LOOPBACK}:{silent.getsockname()[1]}", recipe_detail=1)
        arrived = arrival_log.follow(asked, CONTRACT)
    assert len(arrived) == 40
    for each in arrived:
        assert each.sent is not None
        assert each.sent - each.due < 1.0
        assert each.failure == "no answer: an answer that takes more than 1.5 s"


def test_no_more_are_under_way_than_haproxy_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival_log, "DEADLINE_SECONDS", 1.5)
    monkeypatch.setattr(arrival_log, "MOST_UNDER_WAY", 10)
    with socket.create_server((LOOPBACK, 0)) as silent:
        asked = span(f"http://{LOOPBACK}:{silent.getsockname()[1]}", recipe_detail=1)
        arrived = arrival_log.follow(asked, CONTRACT)
    assert [each.sent is None for each in arrived] == [False] * 10 + [True] * 30


def test_another_contract_has_its_own_requests(session_folder: Path) -> None:
    todo = load_contract(CHECKOUT / "loadtests/tests/todo")
    with ArrivalLog(session_folder / "todo-arrivals", todo, 0) as log:
        log.wait_until_ready()
        start = time.time() + 0.3
        asked = Span(start, start + 0.2, RATE, f"http://{LOOPBACK}:{free_port()}", {next(iter(todo.kinds)): 1}, 0, "1")
        assert {each.kind for each in log.arrived(log.follow(asked))} == {next(iter(todo.kinds))}
