"""The contract's files are found, and Postgres can prepare every query."""

import psycopg
import pytest
from showdown_contract.files import GOLDEN, QUERIES, SCHEMA, golden_body, query
from showdown_stack.tiers import Tiers


@pytest.mark.parametrize("path", [GOLDEN / "cases.toml", GOLDEN / "seed.toml", SCHEMA])
def test_the_files_are_there(path: str) -> None:
    with open(path, "rb") as file:  # noqa: PTH123 - any path
        assert file.read(1)


def test_a_body_is_its_file_to_the_byte() -> None:
    assert golden_body("healthz") == b'{"status":"ok"}'


@pytest.mark.parametrize("name", sorted(path.stem for path in QUERIES.glob("*.sql")))
def test_every_query_can_be_prepared_and_explains_itself(stack: Tiers, name: str) -> None:
    assert query(name).startswith("-- $1 ")
    with psycopg.connect(stack.postgres.api_dsn) as connection:
        connection.execute(f"PREPARE prepared AS {query(name)}".encode())
