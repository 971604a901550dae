"""The seed fills an empty database, always with the same rows, and resets a used one."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from showdown_contract.documents import generated_recipe, golden_recipes
from showdown_contract.errors import OtherDataError
from showdown_contract.seed import seed, seeded, undo_writes
from showdown_contract.tables import COLUMNS, people_rows, recipe_rows

ADD_NOTE = "INSERT INTO notes (recipe_id, text, created_by_id) VALUES (1, 'new', 1) RETURNING id"


def test_the_same_data_set_has_the_same_checksum(new_database: Callable[[], str]) -> None:
    first, second, larger = (seed(new_database(), size) for size in (10, 10, 11))
    assert first == second
    assert first != larger


def test_every_row_is_stored(empty_database: str) -> None:
    seed(empty_database, 10)
    documents = [*golden_recipes(), *map(generated_recipe, range(10))]
    expected = [*people_rows(), *(row for document in documents for row in recipe_rows(document))]
    for table in COLUMNS:
        assert ask(empty_database, f"SELECT count(*) FROM {table}") == sum(name == table for name, _ in expected)  # noqa: S608


def test_it_tells_how_far_it_is(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("showdown_contract.seed.BATCH", 4)
    told: list[int] = []
    seed(empty_database, 10, told.append)
    assert told == [4, 8, 10]


def test_it_never_overwrites(empty_database: str) -> None:
    seed(empty_database, 1)
    with pytest.raises(OtherDataError, match="not empty"):
        seed(empty_database, 1)


def test_a_failed_seed_leaves_nothing(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("showdown_contract.seed.generated_recipe", lambda _: generated_recipe(0))
    with pytest.raises(psycopg.errors.UniqueViolation):
        seed(empty_database, 2)
    assert seeded(empty_database) is None


def test_a_database_knows_what_it_holds(empty_database: str) -> None:
    assert seeded(empty_database) is None
    checksum = seed(empty_database, 3)
    assert seeded(empty_database) == (3, checksum)


def test_a_database_of_something_else_is_not_accepted(empty_database: str) -> None:
    execute(empty_database, "CREATE TABLE recipes (mine int)")
    with pytest.raises(OtherDataError, match="other tables"):
        seeded(empty_database)


def test_a_database_without_its_seed_row_is_not_accepted(empty_database: str) -> None:
    seed(empty_database, 1)
    execute(empty_database, "DELETE FROM seed")
    with pytest.raises(OtherDataError, match="in part"):
        seeded(empty_database)


def test_writes_can_be_undone(empty_database: str) -> None:
    seed(empty_database, 3)
    before = contents(empty_database)
    new_ids = [ask(empty_database, ADD_NOTE) for _ in range(3)]
    assert contents(empty_database) != before

    assert undo_writes(empty_database) == 3
    assert contents(empty_database) == before
    assert [ask(empty_database, ADD_NOTE) for _ in range(3)] == new_ids


def test_a_new_notes_times_end_in_zeros_which_services_must_not_leave_out(empty_database: str) -> None:
    seed(empty_database, 3)
    ask(empty_database, ADD_NOTE)
    microseconds = "SELECT extract(microseconds FROM {})::int FROM notes ORDER BY id DESC LIMIT 1"
    for column in ("created_at", "updated_at"):
        assert int(str(ask(empty_database, microseconds.format(column)))) % 1000 == 0


def test_nothing_written_is_nothing_to_undo(empty_database: str) -> None:
    seed(empty_database, 3)
    before = contents(empty_database)
    assert undo_writes(empty_database) == 0
    assert contents(empty_database) == before


def test_every_wait_in_the_database_is_bounded(empty_database: str) -> None:
    seed(empty_database, 1)
    assert ask(empty_database, "SHOW statement_timeout") == "5s"


def test_the_command_prints_the_checksum(new_database: Callable[[], str]) -> None:
    result = run_seed("--dsn", new_database(), "--size", "10")
    assert result.returncode == 0
    assert result.stdout == f"10 recipes, sha256 {seed(new_database(), 10)}\n"


@pytest.mark.parametrize("size", ["0", "1000001"])
def test_the_command_refuses_a_number_out_of_range(size: str) -> None:
    result = run_seed("--dsn", "postgresql://127.0.0.1/unused", "--size", size)
    assert result.returncode == 2
    assert f"--size: {size} is not from 1 to 1000000" in result.stderr


def test_the_command_explains_why_it_cannot(empty_database: str) -> None:
    execute(empty_database, "CREATE TABLE mine ()")
    result = run_seed("--dsn", empty_database)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("seed: the database is not empty")
    assert "Traceback" not in result.stderr


def test_the_command_explains_a_database_that_does_not_answer() -> None:
    result = run_seed("--dsn", "postgresql://127.0.0.1:1/nothing")
    assert result.returncode == 1
    assert "seed: connection failed" in result.stderr
    assert "Traceback" not in result.stderr


def run_seed(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "showdown_contract.seed", *arguments], capture_output=True, text=True, check=False
    )


def execute(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(statement.encode())


def ask(dsn: str, question: str) -> Any:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return row[0]


def contents(dsn: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with psycopg.connect(dsn) as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2".encode()).fetchall()  # noqa: S608
            for table in [*COLUMNS, "seed"]
        }
