"""Notes tell what the owner of a managed Postgres may not see."""

import psycopg
import pytest
from showdown.stacks.cloud.database import doubts
from showdown_stack.tiers import Tiers


def test_an_owner_who_sees_all_connections_leaves_no_doubt(stack: Tiers) -> None:
    assert doubts(stack.postgres.owner_dsn) == []


def test_one_who_does_not_is_told(stack: Tiers) -> None:
    (told,) = doubts(stack.postgres.api_dsn)
    assert told.startswith("Postgres does not tell its owner when connections were used")


def test_one_who_cannot_be_asked_is_an_error() -> None:
    with pytest.raises(psycopg.OperationalError):
        doubts("postgresql://owner@127.0.0.1:1/showdown")
