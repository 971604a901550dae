"""A session ends when it says so, and nothing tells a stranger which sessions and recipes there are."""

import time
from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus

import psycopg
import pytest
from showdown.contenders.build import build
from showdown.contract.contract import load_contract
from showdown.stacks.local import started_service
from showdown_contract import people
from showdown_stack.answers import Answer, ask
from showdown_stack.tiers import Tiers

# One for each way to read a session: a statement of its own, the whole document's, or an ORM's. sqlx runs the same
# statement as tokio-postgres, and takes minutes to build.
VARIANTS = ("starlette-2022", "starlette", "django", "fastapi", "django-orm", "axum")
KEY, LIFETIME_SECONDS, LATER_SECONDS = "session-that-ends", 1.0, 0.3
SEEN = f"/api/v1/recipes/{people.FIRST_ID}"
ABSENT = "/api/v1/recipes/9223372036854775807"
# What may differ from answer to answer.
CHANGING = {"date"}


@pytest.fixture(scope="module", params=VARIANTS)
def service(request: pytest.FixtureRequest, stack: Tiers) -> Iterator[Tiers]:
    variant = load_contract().contenders().all[request.param]
    build({request.param: variant})
    with started_service(stack, request.param, variant):
        yield stack


def get(stack: Tiers, path: str, key: str, method: str = "GET") -> Answer:
    headers = {"Cookie": f"sessionid={key}", "Content-Type": "application/json"}
    return ask(stack.service_url, method, path, b'{"text":"x"}' if method == "POST" else None, headers, 20, 2**20)


def fixed(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    return answer.status, {name: value for name, value in answer.headers.items() if name not in CHANGING}, answer.body


def test_a_session_ends_when_it_says_so(service: Tiers) -> None:
    user = people.readers(0)[0]
    with psycopg.connect(service.postgres.owner_dsn, autocommit=True) as database:
        row = database.execute(
            "INSERT INTO sessions (key, user_id, expires_at) "
            "SELECT %s, user_id, clock_timestamp() + make_interval(secs => %s) FROM sessions WHERE key = %s "
            "RETURNING expires_at",
            (KEY, LIFETIME_SECONDS, people.session_key(user)),
        ).fetchone()
        assert row
        expires_at: datetime = row[0]
        try:
            statuses = []
            while True:
                before = _now(database)
                status = get(service, SEEN, KEY).status
                after = _now(database)
                # Between the two, either may be right.
                if after < expires_at:
                    assert status == HTTPStatus.OK
                elif before >= expires_at:
                    assert status == HTTPStatus.UNAUTHORIZED
                    if (before - expires_at).total_seconds() > LATER_SECONDS:
                        break
                statuses.append(status)
                time.sleep(0.01)
            assert set(statuses) == {HTTPStatus.OK, HTTPStatus.UNAUTHORIZED}
        finally:
            database.execute("DELETE FROM sessions WHERE key = %s", (KEY,))


def _now(database: psycopg.Connection) -> datetime:
    row = database.execute("SELECT clock_timestamp()").fetchone()
    assert row
    now: datetime = row[0]
    return now


def test_nothing_tells_which_sessions_there_are(service: Tiers) -> None:
    for path, method in ((SEEN, "GET"), ("/api/v1/recipes", "GET"), (f"{SEEN}/notes", "POST")):
        unknown, expired, malformed = (get(service, path, key, method) for key in ("golden-", "golden-expired", "a.b"))
        assert unknown.status == HTTPStatus.UNAUTHORIZED
        assert fixed(unknown) == fixed(expired)
        # A malformed key is refused before the body is read, so the connection may end with it.
        assert fixed(unknown)[0] == fixed(malformed)[0]
        assert unknown.body == malformed.body


def test_nothing_tells_which_recipes_others_have(service: Tiers) -> None:
    stranger = people.session_key(next(user for user in range(people.USERS) if not people.may_see(user, 0)))
    for suffix, method in (("", "GET"), ("/notes", "POST"), ("/nutrition", "GET")):
        hidden, absent = (get(service, f"{path}{suffix}", stranger, method) for path in (SEEN, ABSENT))
        assert hidden.status == HTTPStatus.NOT_FOUND
        assert fixed(hidden) == fixed(absent)
