"""SIGTERM to a service under load: through haproxy, every request gets a complete answer."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from urllib.parse import urlsplit

import psycopg
import pytest
from showdown.contenders.build import build
from showdown.contract.contract import load_contract
from showdown.stacks.local import started_service
from showdown_contract.seed import undo_writes
from showdown_stack.tiers import Tiers

CLIENTS = 50
ANSWERS_BEFORE = 10 * CLIENTS
ANSWER_SECONDS = 30.0
PREFIX = "until the stop "
VARIANTS = load_contract().variants.variants
# Not axum-2022: it is the same program, and its own build takes minutes.
NAMES = ("starlette", "starlette-2022", "django", "django-2022", "axum")
READ = ("GET", "/api/v1/recipes/4", None, {"Cookie": "sessionid=golden-ada"})


def write(text: str) -> tuple[str, str, str, dict[str, str]]:
    """A request that adds a note to a recipe that no test reads."""
    headers = {"Cookie": "sessionid=golden-bo", "Content-Type": "application/json"}
    return "POST", "/api/v1/recipes/10/notes", json.dumps({"text": text}), headers


# The allowed answers; 503 if no service has begun to answer.
WHOLE = {"GET 200", "POST 201", "GET 503 unavailable", "POST 503 unavailable"}


class Load:
    """Clients that send one request after the other, each on its own connection, and record the answers."""

    def __init__(self, url: str) -> None:
        self.outcomes: Counter[str] = Counter()
        self.acknowledged: set[str] = set()
        self._address = urlsplit(url).netloc
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._client, args=(number,)) for number in range(CLIENTS)]

    @contextmanager
    def running(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join()

    def wait_for(self, answers: int) -> None:
        deadline = time.monotonic() + ANSWER_SECONDS
        while self.outcomes.total() < answers:
            assert time.monotonic() < deadline, self.outcomes
            time.sleep(0.01)

    def _client(self, number: int) -> None:
        with closing(http.client.HTTPConnection(self._address, timeout=ANSWER_SECONDS)) as connection:
            for turn in count():
                if self._over.is_set():
                    return
                note = f"{PREFIX}{number} {turn}" if number % 5 == 0 else None
                request = write(note) if note else READ
                outcome = _outcome(connection, *request)
                self.outcomes[f"{request[0]} {outcome}"] += 1
                if note and outcome == "201":
                    self.acknowledged.add(note)


def stored_notes(owner_dsn: str) -> set[str]:
    with psycopg.connect(owner_dsn) as connection:
        return {text for (text,) in connection.execute("SELECT text FROM notes WHERE text LIKE %s", (f"{PREFIX}%",))}


def _outcome(
    connection: http.client.HTTPConnection, method: str, path: str, body: str | None, headers: dict[str, str]
) -> str:
    """The status, and the code of an error."""
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        connection.close()
        return f"cut: {error!r}"
    return f"{response.status} {answer['error']['code']}" if "error" in answer else str(response.status)


@pytest.mark.parametrize("name", NAMES)
def test_no_request_is_cut(stack: Tiers, name: str) -> None:
    if stack.haproxy is None:
        pytest.skip("haproxy is not installed")
    build({name: VARIANTS[name]})
    load = Load(stack.url)
    with started_service(stack, name, VARIANTS[name]) as service, load.running():
        load.wait_for(ANSWERS_BEFORE)
        service.stop()
        # No service is left, and clients get an error that says so.
        load.wait_for(load.outcomes.total() + CLIENTS)
    stored = stored_notes(stack.postgres.owner_dsn)
    undo_writes(stack.postgres.owner_dsn)
    assert set(load.outcomes) <= WHOLE, load.outcomes
    assert load.outcomes["GET 503 unavailable"], load.outcomes
    # Requests that got a 503 were not executed.
    assert stored == load.acknowledged
