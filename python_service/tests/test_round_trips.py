"""How often a request waits for Postgres depends on the knobs."""

import psycopg
import pytest

from tests.link import link_to
from tests.served import serve, with_parameters

CASES = [
    # asyncpg prepares a statement in a round trip of its own.
    ("starlette", {}, 1),
    ("starlette", {"PLAN": "packed", "SERIALIZER": "rowjson"}, 1),
    ("starlette", {"STATEMENTS": "each"}, 2),
    ("starlette", {"PLAN": "sequential"}, 9),
    ("starlette", {"PLAN": "sequential", "STATEMENTS": "each"}, 18),
    ("starlette", {"PLAN": "sequential", "POOL_RESET": "true"}, 10),
    # psycopg prepares and executes in one.
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
