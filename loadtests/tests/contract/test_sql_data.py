"""A data set of SQL files is loaded once, recognised, and reset."""

from pathlib import Path

import psycopg
import pytest
from showdown.contract.sql_data import SqlData
from showdown_contract.errors import OtherDataError, ShowdownError

TODO = Path(__file__).parents[1] / "todo"
DATA = SqlData(TODO / "schema.sql", TODO / "seed.sql", TODO / "reset.sql", {"todos": ["INSERT"]})


def ignored(_: int) -> None:
    pass


def titles(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [title for (title,) in connection.execute("SELECT title FROM todos ORDER BY id")]


def test_an_empty_database_is_filled_and_then_known(empty_database: str) -> None:
    assert DATA.held(empty_database) is None
    DATA.seed(empty_database, 0, ignored)
    assert DATA.held(empty_database) == 0
    assert len(titles(empty_database)) == 3


def test_what_was_written_is_undone(empty_database: str) -> None:
    DATA.seed(empty_database, 0, ignored)
    before = titles(empty_database)
    with psycopg.connect(empty_database) as connection:
        connection.execute("INSERT INTO todos (title) VALUES ('written')")
    assert titles(empty_database) != before
    DATA.reset(empty_database)
    assert titles(empty_database) == before


def test_another_data_set_is_left_alone(empty_database: str, tmp_path: Path) -> None:
    DATA.seed(empty_database, 0, ignored)
    with pytest.raises(OtherDataError, match="not empty"):
        DATA.seed(empty_database, 0, ignored)
    changed = tmp_path / "seed.sql"
    changed.write_text("SELECT 1")
    other = SqlData(DATA.schema, changed, DATA.undo, {})
    with pytest.raises(OtherDataError, match="something else than this contract's data set"):
        other.held(empty_database)


def test_somebody_elses_tables_are_left_alone(empty_database: str) -> None:
    with psycopg.connect(empty_database) as connection:
        connection.execute("CREATE TABLE mine ()")
    with pytest.raises(OtherDataError, match="something else"):
        DATA.held(empty_database)


def test_a_wrong_statement_is_told_with_its_file_and_leaves_nothing(empty_database: str, tmp_path: Path) -> None:
    wrong = tmp_path / "seed.sql"
    wrong.write_text("INSERT INTO todo VALUES (1)")
    with pytest.raises(ShowdownError, match=r'seed\.sql: relation "todo" does not exist'):
        SqlData(DATA.schema, wrong, DATA.undo, {}).seed(empty_database, 0, ignored)
    assert DATA.held(empty_database) is None
