"""What the tests with a real Postgres share."""

import os
from collections.abc import Iterator

import hypothesis
import psycopg
import pytest
from showdown_contract.seed import undo_writes

# A busy machine must not fail a test.
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("patient")

COMMAND = "showdown up --database-only -- pytest python_service/tests"


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """A seeded database; what the tests write to it is undone."""
    url = os.environ.get("DATABASE_URL")
    if url is None:
        pytest.fail(f"these tests need a seeded Postgres in DATABASE_URL: {COMMAND}", pytrace=False)
    yield url
    undo_writes(owner_url(url))


@pytest.fixture
def database(database_url: str) -> Iterator[psycopg.Connection]:
    """The test's own connection, to look and to interfere."""
    with psycopg.connect(owner_url(database_url), autocommit=True) as connection:
        yield connection


def owner_url(database_url: str) -> str:
    """The same database, as its owner: a service's user may not lock tables, delete, or see other connections."""
    return os.environ.get("DATABASE_OWNER_URL", database_url)
