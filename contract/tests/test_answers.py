"""The answers that a load generator expects are made of what the database holds."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.rows import dict_row
from showdown_contract import answers, people
from showdown_contract.documents import SUMMARY, timestamp
from showdown_contract.files import query
from showdown_stack.tiers import Tiers

RECIPES = 2_000
Database = psycopg.Connection[dict[str, Any]]


@pytest.fixture(scope="module")
def database(stack: Tiers) -> Iterator[Database]:
    """A connection like a service's, for the contract's queries with their $1."""
    with psycopg.connect(stack.postgres.api_dsn, row_factory=dict_row, cursor_factory=psycopg.RawCursor) as connection:
        yield connection


@pytest.mark.parametrize("recipe", [*range(12), 998, 1999])
def test_a_recipe_is_what_the_database_holds(database: Database, recipe: int) -> None:
    for reader in [*people.readers(recipe)][:2]:
        assert answers.recipe(recipe) == stored_recipe(database, people.FIRST_ID + recipe, reader)


@pytest.mark.parametrize("recipe", [0, 9, 1999])
def test_nutrition_has_the_title_that_the_database_holds(database: Database, recipe: int) -> None:
    (reader, *_) = people.readers(recipe)
    arguments = (people.session_key(reader), people.FIRST_ID + recipe)
    row = database.execute(query("nutrition_recipe").encode(), arguments).fetchone()
    assert row is not None
    nutrition = json.loads(answers.nutrition(recipe))
    assert (nutrition["id"], nutrition["name"]) == (row["id"], row["title"])


@pytest.mark.parametrize("limit", [1, 3, 100, 500])
@pytest.mark.parametrize("user", [0, 1, 7, 19, 500, 999])
def test_a_first_page_is_what_the_database_lists(database: Database, user: int, limit: int) -> None:
    assert answers.first_page(user, RECIPES, limit) == stored_page(database, user, limit)


def test_a_page_that_is_full_names_where_the_next_begins() -> None:
    visible = list(people.recipes_of(7, 200))
    full = json.loads(answers.first_page(7, 200, len(visible)))
    short = json.loads(answers.first_page(7, 200, len(visible) + 1))
    assert full["recipes"] == short["recipes"]
    assert full["next_after"] == people.FIRST_ID + visible[-1]
    assert short["next_after"] is None


def test_nothing_to_list_is_an_empty_page() -> None:
    stranger = next(user for user in range(people.USERS) if not list(people.recipes_of(user, 1)))
    assert answers.first_page(stranger, 1, 100) == b'{"recipes":[],"next_after":null}'


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)


@given(json_values)
def test_json_is_compact_and_raw_utf_8(value: Any) -> None:
    encoded = answers.encode(value)
    assert json.loads(encoded) == value
    assert b"\\u" not in encoded.replace(b"\\\\", b"").replace(b"\\u00", b"")


def stored_recipe(database: Database, recipe_id: int, user: int) -> bytes:
    """The document, put together from the nine queries."""
    (session,) = rows(database, "session", people.session_key(user))
    teams = [row["team_id"] for row in rows(database, "active_teams", session["user_id"])]
    (recipe,) = rows(database, "recipe", recipe_id, session["user_id"], teams)
    reactions = rows(database, "reactions", recipe_id)
    notes = [
        member(note) | {"reactions": [member(r, "note_id") for r in reactions if r["note_id"] == note["id"]]}
        for note in rows(database, "notes", recipe_id)
    ]
    owner = {name: recipe.pop(f"owner_{name}") for name in ("type", "id", "name")}
    document = {name: recipe[name] for name in SUMMARY[:-2]} | {"owner": owner}
    document |= {name: recipe[name] for name in SUMMARY[-2:]}
    for table in ("ingredients", "sections", "steps"):
        document[table] = rows(database, table, recipe_id)
    document["timeline"] = {"events": [member(event) for event in rows(database, "events", recipe_id)], "notes": notes}
    return answers.encode(document)


def stored_page(database: Database, user: int, limit: int) -> bytes:
    (session,) = rows(database, "session", people.session_key(user))
    teams = [row["team_id"] for row in rows(database, "active_teams", session["user_id"])]
    page = rows(database, "recipe_list", session["user_id"], teams, 0, limit)
    next_after = page[-1]["id"] if len(page) == limit else None
    return answers.encode({"recipes": page, "next_after": next_after})


def rows(database: Database, name: str, *parameters: Any) -> list[dict[str, Any]]:
    found = database.execute(query(name).encode(), parameters).fetchall()
    return [
        {column: timestamp(value) if isinstance(value, datetime) else value for column, value in row.items()}
        for row in found
    ]


def member(row: dict[str, Any], *without: str) -> dict[str, Any]:
    """A row whose created_by_id and created_by_name become one member, null if there is no such person."""
    document: dict[str, Any] = {}
    for column, value in row.items():
        if column == "created_by_id":
            document["created_by"] = None if value is None else {"id": value, "name": row["created_by_name"]}
        elif column != "created_by_name" and column not in without:
            document[column] = value
    return document
