"""Postgres reads back what COPY has written."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from showdown_contract import people
from showdown_contract.documents import generated_recipe, golden_recipes
from showdown_contract.tables import COLUMNS, copy_text, people_rows, recipe_rows
from showdown_stack.tiers import Tiers

# The texts that Postgres can store: everything but U+0000 and lone surrogates.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
bigints = st.integers(-(2**63), 2**63 - 1)
rows = st.tuples(st.none() | texts, st.none() | st.lists(texts), st.none() | st.booleans(), st.none() | bigints)


@pytest.fixture(scope="module")
def scratch(stack: Tiers) -> Iterator[psycopg.Connection]:
    """A connection with a temporary table that has one column of each kind."""
    with psycopg.connect(stack.postgres.owner_dsn) as connection:
        connection.execute("CREATE TEMPORARY TABLE scratch (a text, b text[], c boolean, d bigint)")
        yield connection


@given(st.lists(rows))
@pytest.mark.usefixtures("scratch")
def test_postgres_stores_what_was_given(scratch: psycopg.Connection, given_rows: list[tuple[Any, ...]]) -> None:
    scratch.execute("TRUNCATE scratch")
    with scratch.cursor().copy("COPY scratch FROM STDIN") as copy:
        copy.write(copy_text(given_rows))
    assert scratch.execute("SELECT a, b, c, d FROM scratch").fetchall() == given_rows


def test_the_text_that_means_null_is_not_null() -> None:
    assert copy_text([(None, "\\N")]) == b"\\N\t\\\\N\n"


@pytest.mark.parametrize("recipe", [*golden_recipes(), generated_recipe(0), generated_recipe(9)])
def test_a_document_becomes_a_row_for_each_of_its_parts(recipe: dict[str, Any]) -> None:
    timeline = recipe["timeline"]
    counted = Counter(table for table, _ in recipe_rows(recipe))
    assert counted == Counter(
        recipes=1,
        ingredients=len(recipe["ingredients"]),
        sections=len(recipe["sections"]),
        steps=len(recipe["steps"]),
        events=len(timeline["events"]),
        notes=len(timeline["notes"]),
        reactions=sum(len(note["reactions"]) for note in timeline["notes"]),
    )


def test_every_row_has_a_value_for_each_column() -> None:
    for table, row in chain(people_rows(), recipe_rows(generated_recipe(0))):
        assert len(row) == len(COLUMNS[table]), table


def test_a_recipe_has_one_owner() -> None:
    for index in range(20):
        recipe = dict(recipe_rows(generated_recipe(index)))["recipes"]
        owners = dict(zip(COLUMNS["recipes"], recipe, strict=True))
        assert (owners["owner_user_id"] is None) != (owners["owner_team_id"] is None)


def test_every_person_in_a_document_exists_once() -> None:
    stored = list(people_rows())
    users, teams, keys = (
        [row[0] for table, row in stored if table == wanted] for wanted in ("users", "teams", "sessions")
    )
    assert len(users) == len(set(users)) == people.USERS + 3
    assert len(teams) == len(set(teams)) == people.TEAMS + 3
    assert len(keys) == len(set(keys)) == people.USERS + 4
    for user, team, _ in (row for table, row in stored if table == "memberships"):
        assert user in users
        assert team in teams
