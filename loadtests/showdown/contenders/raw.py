"""Replays the raw requests against a running service: sends their bytes, and judges what comes back."""

import socket
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException, HTTPResponse, IncompleteRead
from io import BytesIO
from select import POLLIN, POLLOUT, poll
from typing import Self, cast
from urllib.parse import urlsplit

from showdown_contract.raw import (
    CLOSED,
    Pause,
    RawAnswer,
    RawCase,
    Send,
    Shut,
    form_fault,
    is_proxys_page,
    load_raw_cases,
    stored_notes,
)
from showdown_stack.tiers import Tiers

from showdown.contenders.variants import Variant

# Cases in flight at a time. Fewer when sent directly, because some occupy a worker until its deadline.
AT_A_TIME, AT_A_TIME_DIRECT = 16, 4
# The contract gives the head and the body of a request 10 s each, and its answer as much. This is for a busy machine.
DEADLINE_SECONDS = 15.0
# How long to wait for an unexpected answer after the expected ones.
SILENCE_SECONDS = 0.3
# In place of a status: for more to come, and what is no whole answer.
WAITS, BROKEN = "waits", "broken"
MOST_BYTES = 4 * 1024 * 1024
CHUNK = 64 * 1024


def raw_differences_both_ways(tiers: Tiers, variant: Variant) -> list[str]:
    """The raw cases that a variant fails, directly and, if haproxy is installed, through it. Resets the data set."""
    found = []
    cases = load_raw_cases(variant.lookup)
    bounded = [case for case in cases if case.name not in variant.unbounded]
    owner_dsn, reset = tiers.postgres.owner_dsn, tiers.contract.data.reset
    for way, url in (("directly", tiers.service_url), *([("through haproxy", tiers.url)] if tiers.haproxy else [])):
        reset(owner_dsn)
        through_haproxy = url != tiers.service_url
        asked = cases if through_haproxy else bounded
        differences = raw_differences(url, owner_dsn, asked, through_haproxy=through_haproxy)
        found += [f"{way}: {difference}" for difference in differences]
    reset(owner_dsn)
    return found


def raw_differences(url: str, owner_dsn: str, cases: Iterable[RawCase], *, through_haproxy: bool) -> list[str]:
    """What a service answers otherwise than these cases say, a text for each that differs."""
    # Those that wait for a deadline first, so that they do so beside each other.
    ordered = sorted(cases, key=lambda case: not case.slow)
    with ThreadPoolExecutor(AT_A_TIME if through_haproxy else AT_A_TIME_DIRECT) as pool:
        faults = list(pool.map(lambda case: _fault(url, case, through_haproxy=through_haproxy), ordered))
    stored = stored_notes(owner_dsn)
    found = [
        (case, fault or (f"stored the note {case.unstored!r}" if case.unstored in stored else None))
        for case, fault in zip(ordered, faults, strict=True)
    ]
    return [f"{case.name}\n  {_shown(case)}\n  {fault}" for case, fault in found if fault]


def outcome(url: str, case: RawCase, seconds: float) -> list[str]:
    """The statuses that come back in so many seconds; CLOSED or WAITS in place of the first.

    Raises OSError where nobody listens.
    """
    received, ended = _Exchange(url, case, 1, seconds).run()
    answers, rest = _answers(received, case, ended=ended)
    statuses = [str(answer.status) for answer in answers]
    if rest and not is_proxys_page(case, rest):
        return [*statuses, BROKEN]
    return statuses or [CLOSED if ended else WAITS]


def _fault(url: str, case: RawCase, *, through_haproxy: bool) -> str | None:
    expected = case.haproxy if through_haproxy else case.direct
    try:
        received, ended = _Exchange(url, case, len(expected)).run()
    except OSError as error:
        return f"no connection: {error}"
    answers, rest = _answers(received, case, ended=ended)
    if through_haproxy and is_proxys_page(case, rest):
        rest = b""
    for answer, statuses in zip(answers, expected, strict=False):
        if str(answer.status) not in statuses:
            return f"status {answer.status}, expected {_words(statuses)}: {answer.body[:100]!r}"
        if fault := form_fault(case, answer, through_haproxy=through_haproxy):
            return fault
    if len(answers) < len(expected):
        return _missing(expected[len(answers)], rest, ended=ended)
    if len(answers) > len(expected) or rest:
        return f"more than {len(expected)} answer(s): {received[-200:]!r}"
    return None


def _missing(statuses: frozenset[str], rest: bytes, *, ended: bool) -> str | None:
    """What is wrong where an answer is not there."""
    if rest:
        return f"not a whole answer, expected {_words(statuses)}: {rest[:100]!r}"
    if not ended:
        return f"no answer, and the connection is still open, expected {_words(statuses)}"
    return None if CLOSED in statuses else f"closed without an answer, expected {_words(statuses)}"


def _words(statuses: frozenset[str]) -> str:
    return " or ".join(sorted(statuses))


class _Exchange:
    """A connection on which a case is sent while its answers come in."""

    def __init__(self, url: str, case: RawCase, expected: int, seconds: float = DEADLINE_SECONDS) -> None:
        self._address = urlsplit(url)
        self._case = case
        self._expected = expected
        self._steps = list(case.steps)
        self._unsent = memoryview(b"")
        self._resume = 0.0
        self._received = bytearray()
        self._end = time.monotonic() + case.seconds + seconds

    def run(self) -> tuple[bytes, bool]:
        """What came back, and whether the other side has ended it: once all answers are there, or in time."""
        address = self._address.hostname, self._address.port
        ended = False
        with socket.create_connection(address, DEADLINE_SECONDS) as connection:
            connection.setblocking(False)
            poller = poll()
            while not ended and (now := time.monotonic()) < self._end and len(self._received) < MOST_BYTES:
                self._next_step(connection, now)
                poller.register(connection, POLLIN | (POLLOUT if self._unsent else 0))
                until = min(self._end, self._resume) if self._steps and self._resume > now else self._end
                events = sum(event for _, event in poller.poll(max(1, 1000 * (until - now))))
                if events & POLLOUT:
                    self._send(connection)
                if events & ~POLLOUT:
                    ended = self._receive(connection)
        return bytes(self._received), ended

    def _next_step(self, connection: socket.socket, now: float) -> None:
        while not self._unsent and self._steps and now >= self._resume:
            match self._steps.pop(0):
                case Send(data):
                    self._unsent = memoryview(data)
                case Pause(seconds):
                    self._resume = now + seconds
                case Shut():
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_WR)

    def _send(self, connection: socket.socket) -> None:
        try:
            self._unsent = self._unsent[connection.send(self._unsent) :]
        except OSError:
            # What it had answered before it ended the connection may still be read.
            self._unsent = memoryview(b"")
            self._steps.clear()

    def _receive(self, connection: socket.socket) -> bool:
        """Whether that was the end."""
        try:
            data = connection.recv(CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        self._received += data
        answers, _ = _answers(bytes(self._received), self._case, ended=False)
        if len(answers) >= self._expected and not self._steps and not self._unsent:
            self._end = min(self._end, time.monotonic() + SILENCE_SECONDS)
        return not data


class _Received(BytesIO):
    """Bytes, as the socket and the file that HTTPResponse reads from."""

    def makefile(self, _mode: str) -> Self:
        return self

    def close(self) -> None:
        """Stay open: the next answer is behind the one that was read."""


def _answers(received: bytes, case: RawCase, *, ended: bool) -> tuple[Sequence[RawAnswer], bytes]:
    """The whole answers in what came back, and the bytes after them."""
    answers = []
    source = _Received(received)
    at = 0
    while at < len(received):
        response = HTTPResponse(cast("socket.socket", source), method="HEAD" if case.head else "GET")
        try:
            response.begin()
            if response.will_close and response.length is None and not response.chunked and not case.head and not ended:
                break
            body = response.read()
        except (HTTPException, IncompleteRead, ValueError):
            break
        answers.append(RawAnswer(response.status, response.headers["content-type"], body))
        at = source.tell()
    return answers, received[at:]


def _shown(case: RawCase) -> str:
    """The first bytes of what is sent."""
    sent = b"".join(step.data for step in case.steps if isinstance(step, Send))
    return repr(sent[:100]) + ("…" if len(sent) > 100 else "")  # noqa: PLR2004 - the same
