"""The recipes are a data set: they can be loaded, recognised by their number, and reset."""

import psycopg
from showdown_contract.data_set import DATA, RecipesData
from showdown_contract.files import SCHEMA


def test_an_empty_database_holds_nothing_and_then_so_many(empty_database: str) -> None:
    told: list[int] = []
    assert DATA.held(empty_database) is None
    DATA.seed(empty_database, 3, told.append)
    assert told == [3]
    assert DATA.held(empty_database) == 3


def test_what_clients_wrote_is_undone(empty_database: str) -> None:
    DATA.seed(empty_database, 3, lambda _: None)
    with psycopg.connect(empty_database) as connection:
        connection.execute("INSERT INTO notes (recipe_id, text, created_by_id) VALUES (1001, 'new', 1001)")
    assert DATA.reset(empty_database) == 1
    assert DATA.reset(empty_database) == 0


def test_it_is_made_from_its_schema_and_its_golden_bodies() -> None:
    sources = RecipesData().sources
    assert SCHEMA in sources
    assert any(path.name == "recipe-usual.body" for path in sources)
    assert all(path.is_file() for path in sources)
