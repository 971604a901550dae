"""Requests at a fixed rate, each with its own line in a log: when it was due, when it ended, and what came.

    python -m showdown.generators.arrival_log FOLDER RECIPES [CONTRACT]

Locust counts, and has so many users. Here whoever asks is as many as there must be, so that what hangs delays no other
request, and the log tells from which request on answers were right again. The program waits for span-N.json in
its folder, follows it, writes arrivals-N.jsonl.gz, and waits for the next.
"""

import gzip
import json
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from typing import NamedTuple, Self

import gevent
from gevent.pool import Pool
from pydantic import TypeAdapter, ValidationError
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CONTRACT
from showdown_contract.lookup import Lookup
from showdown_stack.process import Process

from showdown.contract.contract import Contract, load_contract
from showdown.files import read_bounded, replace_file
from showdown.generators.alarm import Alarm
from showdown.generators.arrivals import moments
from showdown.generators.http_client import HttpClient, NoAnswerError
from showdown.requests.kind import Request, Seeded

# haproxy answers within ten seconds, whatever the service does. The rest is for a busy machine.
DEADLINE_SECONDS = 12.0
# As many as haproxy takes connections, less some. What is due beyond that is not sent.
MOST_UNDER_WAY = 4_000
READY, SPAN, END, ARRIVALS = "ready", "span-{}.json", "span-{}.end", "arrivals-{}.jsonl.gz"
START_SECONDS = 60.0
POLL_SECONDS = 0.02
MOST_LOG_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Span:
    """What is sent when. Moments are in seconds since 1970."""

    start: float
    end: float
    """From here on, nothing is sent; and nothing from an earlier moment on if that is said meanwhile."""
    rate: float
    """Requests per second."""
    url: str
    requests: dict[str, int]
    """Kinds of request and their weights."""
    size: int
    seed: str
    lookup: Lookup = "by-id"


class Arrived(NamedTuple):
    """What became of one request. Moments are in seconds since 1970."""

    due: float
    sent: float | None
    """None where too many were under way already."""
    ended: float
    kind: str
    status: int | None
    """None where there was no answer."""
    failure: str | None
    """What was wrong; None if nothing was."""
    created: str = ""
    """The body of an answer with status 201."""


SPAN_FILE, LINE = TypeAdapter(Span), TypeAdapter(Arrived)


class ArrivalLog:
    """The program, from outside. A context manager: in the end nothing of it runs."""

    def __init__(self, folder: Path, contract: Contract, size: int) -> None:
        """`folder`: a new one, for the log."""
        self._folder = folder
        self._numbers = count(1)
        self._ends: dict[int, float] = {}
        folder.mkdir()
        words = [str(folder), str(size), *([] if contract.folder == CONTRACT else [str(contract.folder)])]
        command = [sys.executable, "-m", "showdown.generators.arrival_log", *words]
        self._process = Process("the generator", command, folder / "log", as_ourselves=True)

    def wait_until_ready(self) -> None:
        """Raises ShowdownError."""
        self._process.wait_until((self._folder / READY).exists, START_SECONDS)

    def follow(self, span: Span) -> int:
        """Have it follow a span; returns the span's number."""
        number = next(self._numbers)
        self._ends[number] = span.end
        replace_file(self._folder / SPAN.format(number), SPAN_FILE.dump_json(span).decode())
        return number

    def end(self, number: int, moment: float) -> None:
        """Nothing of a span is to be sent from a moment on (in seconds since 1970)."""
        self._ends[number] = min(self._ends[number], moment)
        replace_file(self._folder / END.format(number), str(moment))

    def arrived(self, number: int) -> list[Arrived]:
        """Wait until a span's last request is over. Raises ShowdownError."""
        written = self._folder / ARRIVALS.format(number)
        seconds = max(0.0, self._ends[number] - time.time()) + DEADLINE_SECONDS + START_SECONDS
        self._process.wait_until(written.exists, seconds)
        lines = gzip.decompress(read_bounded(written, MOST_LOG_BYTES)).splitlines()
        try:
            return [LINE.validate_json(line) for line in lines]
        except ValidationError as error:
            raise ShowdownError(f"{written} is no log of arrivals: {error.errors()[0]['msg']}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stop()


@contextmanager
def _alarm() -> Iterator[Alarm]:
    alarm = Alarm()
    try:
        yield alarm
    finally:
        alarm.close()


class Clients:
    """Connections to one server, of which the last that became free is used first."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._free: deque[HttpClient] = deque()
        self.log: list[Arrived] = []

    def ask(self, due: float, kind: str, request: Request) -> None:
        """Send a request and log what came."""
        client = self._free.pop() if self._free else HttpClient(self._span.url, DEADLINE_SECONDS)
        sent = time.time()
        status, failure, body = None, None, b""
        try:
            status, body = client.ask(request)
        except NoAnswerError as error:
            failure = str(error)
        ended = time.time()
        if status is not None:
            failure = request.failure(status, body)
        created = body.decode(errors="replace") if status == 201 else ""  # noqa: PLR2004 - HTTP's own number
        self.log.append(Arrived(due, sent, ended, kind, status, failure, created))
        self._free.append(client)

    def close(self) -> None:
        for client in self._free:
            client.close()


def follow(span: Span, contract: Contract, said_end: Path | None = None) -> list[Arrived]:
    """Send all of a span's requests, and wait for the last answer. `said_end`: a file that may say an earlier end."""
    seeded, random = Seeded(span.size, span.lookup), Random(span.seed)  # noqa: S311 - load, not secrets
    kinds = [contract.kinds[name] for name in span.requests]
    weights = list(span.requests.values())
    clients, under_way, end = Clients(span), Pool(MOST_UNDER_WAY), span.end
    with _alarm() as alarm:
        for due in moments(span.start, span.end, span.rate, "constant", span.seed):
            (kind,) = random.choices(kinds, weights)
            request = kind.of_any_user(random, seeded)
            alarm.wait_until(due)
            if said_end is not None and end == span.end and said_end.exists():
                end = float(said_end.read_text())
            if due >= end:
                break
            if under_way.full():
                clients.log.append(Arrived(due, None, due, kind.name, None, "too many requests under way"))
            else:
                under_way.spawn(clients.ask, due, kind.name, request)
            # Behind its schedule, it would not let those under way have their turn.
            gevent.sleep(0)
    under_way.join()
    clients.close()
    return sorted(clients.log, key=lambda each: each.due)


def main(folder: Path, size: int, contract_folder: Path = CONTRACT) -> None:
    """Follow one span after the other, until the process is ended."""
    contract = load_contract(contract_folder)
    for kind in contract.kinds.values():
        kind.prepare(Seeded(size))
    (folder / READY).touch()
    for number in count(1):
        while not (folder / SPAN.format(number)).exists():
            gevent.sleep(POLL_SECONDS)
        span = SPAN_FILE.validate_json((folder / SPAN.format(number)).read_bytes())
        # gevent's timers use the loop's own clock, which has stood still meanwhile.
        gevent.get_hub().loop.update_now()
        log = "".join(f"{json.dumps(each)}\n" for each in follow(span, contract, folder / END.format(number)))
        # Its best compression takes longer than the requests.
        replace_file(folder / ARRIVALS.format(number), gzip.compress(log.encode(), compresslevel=1))


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), int(sys.argv[2]), *map(Path, sys.argv[3:]))
    except ShowdownError as error:
        sys.exit(f"arrivals: {error}")
