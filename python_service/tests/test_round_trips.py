"""How often a request waits for Postgres depends on the knobs."""

import tomllib

import psycopg
import pytest

from tests.link import link_to
from tests.served import CHECKOUT, serve, with_parameters

CASES = [
    # asyncpg prepares a statement in a round trip of its own.
    ("starlette", {}, 1),
    ("starlette", {"PLAN": "packed", "SERIALIZER": "rowjson"}, 1),
    ("starlette", {"STATEMENTS": "each"}, 2),
    ("starlette", {"PLAN": "sequential"}, 9),
    ("starlette", {"PLAN": "sequential", "STATEMENTS": "each"}, 18),
    ("starlette", {"PLAN": "sequential", "POOL_RESET": "true"}, 10),
    # psycopg prepares and executes in one.
    ("starlette-psycopg", {}, 1),
    ("starlette-psycopg", {"STATEMENTS": "each"}, 1),
    ("starlette-psycopg", {"PLAN": "sequential"}, 9),
    ("django", {}, 1),
    ("django", {"PLAN": "packed", "SERIALIZER": "rowjson"}, 1),
    ("django", {"STATEMENTS": "each"}, 1),
    ("django", {"PLAN": "sequential"}, 9),
    ("django", {"PLAN": "sequential", "STATEMENTS": "each"}, 9),
    ("django", {"PLAN": "sequential", "POOL_PING": "true"}, 10),
]


@pytest.mark.parametrize(("app", "knobs", "expected"), CASES)
def test_a_recipe(app: str, knobs: dict[str, str], expected: int, database_url: str) -> None:
    with link_to(database_url) as link, serve(app, link.url, **knobs) as service:
        # The first request on a connection prepares the cached statements, and asyncpg looks up a type.
        assert service.ask().status == 200
        before = link.round_trips
        assert service.ask().status == 200
        assert link.round_trips - before == expected


@pytest.mark.parametrize(
    ("app", "expected"),
    [
        # The user, the recipe with its owner, five lists, reactions; and SQLAlchemy begins and ends a transaction.
        ("fastapi", {"recipe": 10, "list": 4, "note": 5}),
        ("django-orm", {"recipe": 8, "list": 2, "note": 3}),
    ],
)
def test_an_orm_makes_as_many_as_its_entry_says(app: str, expected: dict[str, int], database_url: str) -> None:
    bo = {"cookie": "sessionid=golden-bo", "content-type": "application/json"}

    def ask(what: str) -> int:
        """How many round trips it takes."""
        before = link.round_trips
        match what:
            case "recipe":
                answer = service.ask()
            case "list":
                answer = service.ask(path="/api/v1/recipes")
            case _:
                answer = service.ask("POST", "/api/v1/recipes/10/notes", bo, b'{"text":"counted"}')
        assert answer.status in {200, 201}
        return link.round_trips - before

    with link_to(database_url) as link, serve(app, link.url) as service:
        for what in expected:
            # The first request on a connection prepares statements.
            ask(what)
        assert {what: ask(what) for what in expected} == expected
    entries = tomllib.loads((CHECKOUT / "loadtests/variants.toml").read_text())["variants"]
    assert all(f"{count} " in entries[app]["description"] for count in expected.values())


@pytest.mark.parametrize(("connections", "kept"), [("pooled", 1), ("per-request", 0)])
@pytest.mark.parametrize("app", ["starlette", "django"])
def test_connections_between_requests(
    app: str, connections: str, kept: int, database_url: str, database: psycopg.Connection
) -> None:
    name = f"test-{app}-{connections}"
    with serve(app, with_parameters(database_url, application_name=name), CONNECTIONS=connections) as service:
        for _ in range(3):
            assert service.ask().status == 200
        count = "SELECT count(*), count(DISTINCT pid) FROM pg_stat_activity WHERE application_name = %s"
        # A backend needs a moment to end.
        while (row := database.execute(count, (name,)).fetchone()) != (kept, kept):
            assert row is not None
            assert row[0] <= 1
