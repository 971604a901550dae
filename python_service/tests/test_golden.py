"""The contract's golden cases against both servers, over real sockets, with every value of the knobs."""

import pytest
from showdown_contract.lookup import Lookup, cases
from showdown_stack.upstream import Upstream

from tests.served import APPS, CONTENDERS, serve

# Every pair of values of the first three knobs, and every serializer.
KNOBS = [
    {"PLAN": "single", "STATEMENTS": "cached", "CONNECTIONS": "pooled", "SERIALIZER": "orjson"},
    {"PLAN": "single", "STATEMENTS": "each", "CONNECTIONS": "per-request", "SERIALIZER": "msgspec"},
    {"PLAN": "sequential", "STATEMENTS": "cached", "CONNECTIONS": "per-request", "SERIALIZER": "json"},
    {"PLAN": "sequential", "STATEMENTS": "each", "CONNECTIONS": "pooled", "SERIALIZER": "pydantic"},
    {"PLAN": "packed", "STATEMENTS": "cached", "CONNECTIONS": "pooled", "SERIALIZER": "rowjson"},
    {"PLAN": "packed", "STATEMENTS": "each", "CONNECTIONS": "per-request", "SERIALIZER": "rowjson"},
    {"PLAN": "json", "STATEMENTS": "cached", "CONNECTIONS": "pooled", "SERIALIZER": "orjson"},
    # Each plan gives rowjson the rows in another form.
    {"PLAN": "single", "STATEMENTS": "cached", "CONNECTIONS": "pooled", "SERIALIZER": "rowjson"},
    {"PLAN": "sequential", "STATEMENTS": "cached", "CONNECTIONS": "pooled", "SERIALIZER": "rowjson"},
]
ARTICLE = {
    "PLAN": "sequential",
    "STATEMENTS": "each",
    "CONNECTIONS": "per-request",
    "SET_TIME_ZONE": "true",
    "SERIALIZER": "pydantic-v1",
    "ACCESS_LOG": "true",
}


@pytest.mark.parametrize("knobs", KNOBS, ids=lambda knobs: "-".join(knobs.values()))
@pytest.mark.parametrize("app", APPS)
def test_every_case_byte_for_byte(app: str, knobs: dict[str, str], database_url: str, real_upstream: Upstream) -> None:
    assert wrong(app, knobs | real_upstream.environment, database_url, "by-id") == []


@pytest.mark.parametrize("app", CONTENDERS)
def test_every_case_with_the_frameworks_own_way_to_the_database(
    app: str, database_url: str, real_upstream: Upstream
) -> None:
    assert wrong(app, real_upstream.environment, database_url, "by-id") == []


@pytest.mark.parametrize("knobs", [KNOBS[3], KNOBS[4], KNOBS[6]], ids=lambda knobs: "-".join(knobs.values()))
def test_every_case_with_the_other_driver(knobs: dict[str, str], database_url: str, real_upstream: Upstream) -> None:
    assert wrong("starlette-psycopg", knobs | real_upstream.environment, database_url, "by-id") == []


@pytest.mark.parametrize("lookup", ["by-id", "random"])
@pytest.mark.parametrize("app", ["starlette-stock", "django"])
def test_every_case_as_the_article_did_it(app: str, lookup: Lookup, database_url: str, real_upstream: Upstream) -> None:
    assert wrong(app, ARTICLE | real_upstream.environment, database_url, lookup) == []


def wrong(app: str, knobs: dict[str, str], database_url: str, lookup: Lookup) -> list[str]:
    """The cases that the service answers otherwise than the contract says."""
    golden = cases(lookup)
    assert golden
    found = []
    with serve(app, database_url, WORKERS=2, POOL_SIZE=2, LOOKUP=lookup, **knobs) as service:
        for case in golden:
            answer = service.ask(case.method, case.path, case.headers, case.body)
            difference = case.difference(answer.status, answer.headers, answer.body)
            if difference is not None:
                found.append(f"{case.name}: {difference}")
        assert not [line for line in service.lines() if line["level"] not in {"debug", "info"}]
    return found
