"""Every SQL file of the contract is used, unchanged."""

from pathlib import Path

import psycopg
import pytest
from showdown_contract.files import QUERIES, query

from python_service import queries


def test_every_file_is_a_field() -> None:
    assert sorted(queries.Queries._fields) == sorted(path.stem for path in QUERIES.glob("*.sql"))


def test_the_text_is_verbatim() -> None:
    assert queries.load()._asdict() == {name: query(name) for name in queries.Queries._fields}


def test_a_packed_query_may_end_in_a_comment() -> None:
    for packed in (queries.packed_row, queries.packed_rows, queries.json_rows):
        *_, query, end = packed("SELECT 1 AS id\nFROM t -- nothing else").splitlines()
        assert query == "FROM t -- nothing else"
        assert end.startswith(") t")


@pytest.mark.parametrize("name", queries.LISTS)
def test_a_list_of_an_array_is_the_same_and_planned_anew_each_time(name: str, database: psycopg.Connection) -> None:
    database.execute(f"PREPARE one (bigint) AS {query(name)}".encode())
    database.execute(f"PREPARE many (bigint[]) AS {getattr(queries.load().of_arrays(), name)}".encode())
    for _ in range(10):
        many = database.execute("EXECUTE many ('{1}')").fetchall()
    assert many == database.execute("EXECUTE one (1)").fetchall() != []
    plans = "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE name = 'many'"
    assert database.execute(plans).fetchone() == (10, 0)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"session\.sql"):
        queries.load(tmp_path)
