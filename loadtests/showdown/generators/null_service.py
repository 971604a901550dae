"""A service that does no work: it has every right answer at hand. What a generator reaches against it is its ceiling.

    HOST=127.0.0.1 PORT=8000 python -m showdown.generators.null_service RECIPES LOOKUP [CONTRACT]

It is started as a variant's service is, on any stack, so that requests take the same path.
"""

import os
import sys
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, get_args

from gevent import get_hub
from gevent.server import StreamServer
from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CONTRACT
from showdown_contract.lookup import Lookup

from showdown.contenders.variants import Variant
from showdown.contract.contract import Contract, load_contract
from showdown.requests.kind import Answer, Request, Seeded
from showdown.requests.scenarios import Scenario

READ = 1
RECEIVE_BYTES = 65536
MOST_CONNECTIONS_WAITING = 10_000


def is_known(contract: Contract, scenario: Scenario) -> bool:
    """Whether each of a scenario's kinds of request says what a right answer is."""
    return all(contract.kinds[kind].answer for kind in scenario.requests)


def null_service(contract: Contract, size: int, lookup: Lookup = "by-id") -> Variant:
    """A variant that gives the right answers to every scenario that `is_known`."""
    asked = [str(size), lookup]
    if contract.folder != CONTRACT:
        # Hosts of a cloud have the checkout's contract at another path.
        asked.append(str(contract.folder))
    variant = {
        "description": "right answers, from memory",
        "command": ["python", "-m", "showdown.generators.null_service", *asked],
        "workers": 1,
        "pool": 1,
    }
    return Variant.model_validate(variant, context={"folder": contract.root})


def answering(contract: Contract, seeded: Seeded) -> Callable[[Request], Answer]:
    """A function that answers each request of a contract, and the health check."""
    for kind in contract.kinds.values():
        kind.prepare(seeded)
    answers = [kind.answer for kind in contract.kinds.values() if kind.answer]

    def answer(request: Request) -> Answer:
        for each in answers:
            if found := each(request, seeded):
                return found
        healthy = request.path == contract.health
        return Answer(HTTPStatus.OK if healthy else HTTPStatus.NOT_FOUND, b"{}")

    return answer


class _Requests:
    """The requests of a connection; httptools' parser calls its `on_` methods. `said`: what is to be sent."""

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self._answer = answer
        self._parser = HttpRequestParser(self)
        self._path = self._cookie = b""
        self.said: list[bytes] = []
        self.go_on = True

    def feed(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._path = self._cookie = b""

    def on_url(self, part: bytes) -> None:
        self._path += part

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"cookie":
            self._cookie = value

    def on_message_complete(self) -> None:
        headers = {"Cookie": self._cookie.decode("latin-1")}
        method = self._parser.get_method().decode()
        status, body = self._answer(Request(self._path.decode("latin-1"), bool, headers, method))
        head = b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
        self.said += head, body
        self.go_on = self._parser.should_keep_alive()


def serve(host: str, port: int, answer: Callable[[Request], Answer]) -> StreamServer:
    """A server that is not started yet."""

    def converse(connection: Any, _: object) -> None:
        hub = get_hub()
        readable = hub.loop.io(connection.fileno(), READ)
        requests = _Requests(answer)
        try:
            while requests.go_on:
                # The next request has hardly ever come yet: to try without waiting costs more.
                hub.wait(readable)
                if not (data := connection.recv(RECEIVE_BYTES)):
                    return
                requests.feed(data)
                connection.sendall(b"".join(requests.said))
                requests.said.clear()
        except (OSError, HttpParserError, HttpParserUpgrade):
            # A generator sends no such request.
            pass
        finally:
            readable.close()

    return StreamServer((host, port), converse, backlog=MOST_CONNECTIONS_WAITING)


def main(size: str, lookup: str, folder: str = str(CONTRACT)) -> None:
    """Serve on $HOST:$PORT until the process is ended."""
    chosen: Lookup = next(each for each in get_args(Lookup) if each == lookup)
    answer = answering(load_contract(Path(folder)), Seeded(int(size), chosen))
    serve(os.environ["HOST"], int(os.environ["PORT"]), answer).serve_forever()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except ShowdownError as error:
        sys.exit(f"null service: {error}")
