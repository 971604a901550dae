"""Work goes on only while the other end of a pipe is held."""

import io
import json
import os
from collections.abc import Iterator
from typing import BinaryIO

import pytest
from showdown.stacks.agent import leash
from showdown.stacks.agent.leash import Leash, announce
from showdown_contract.errors import ShowdownError


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Leash, BinaryIO]]:
    """The leash, and the caller's end of it."""
    monkeypatch.setattr(leash, "POLL_SECONDS", 0.0)
    reading, writing = os.pipe()
    with open(reading, "rb", buffering=0) as ours, open(writing, "wb", buffering=0) as callers:  # noqa: PTH123 - a pipe
        yield Leash(ours), callers


def test_what_is_asked_is_a_line_of_json(ends: tuple[Leash, BinaryIO]) -> None:
    held, caller = ends
    caller.write(json.dumps({"url": "http://här"}).encode() + b"\n")
    assert held.request() == {"url": "http://här"}


@pytest.mark.parametrize("line", [b"", b"\n", b"{", b"\xff"])
def test_what_is_no_request_is_refused(ends: tuple[Leash, BinaryIO], line: bytes) -> None:
    held, caller = ends
    caller.write(line)
    caller.close()
    with pytest.raises(ShowdownError) as raised:
        held.request()
    assert str(raised.value) == f"a request is a line of JSON, not {line!r}"


def test_work_is_wanted_until_the_other_end_is_closed(ends: tuple[Leash, BinaryIO]) -> None:
    held, caller = ends
    caller.write(b"{}\n")
    held.request()
    assert held.held()
    assert held.held()
    caller.close()
    assert not held.held()
    assert not held.held()


def test_more_that_is_said_does_not_end_it(ends: tuple[Leash, BinaryIO]) -> None:
    held, caller = ends
    caller.write(b"{}\nmore")
    held.request()
    assert [held.held() for _ in range(5)] == [True] * 5
    caller.close()
    assert not held.held()


def test_an_answer_is_a_line_of_json_that_is_sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # Pipes are written in blocks.
    sent = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(sent, encoding="ascii"))
    announce("ready")
    assert sent.getvalue() == b'"ready"\n'
    announce({"requests": 5, "note": "a\nb"})
    assert [json.loads(line) for line in sent.getvalue().splitlines()] == ["ready", {"requests": 5, "note": "a\nb"}]
