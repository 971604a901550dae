"""Which statements a plan asks for, in which order, and what it makes of their rows."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from python_service.document import Row
from python_service.errors import ApiError, ErrorKind
from python_service.plans import PLANS, Plans, Sequential, Steps
from python_service.serializers import SERIALIZERS
from python_service.settings import Lookup, Plan, SerializerName

from python_service import queries


class Given:
    """A serializer that returns what it was given."""

    def recipe(self, row: Row, reactions: Sequence[Row] | None = None) -> bytes:
        return json.dumps([str(row), reactions]).encode()

    def recipe_list(self, rows: Sequence[Row], next_after: int | None) -> bytes:
        return json.dumps([str(rows), next_after]).encode()

    def note(self, row: Row) -> bytes:
        return json.dumps(str(row)).encode()


SQL = queries.load()
NAMES = {sql: name for name, sql in SQL._asdict().items()} | {
    queries.packed_row(SQL.recipe_single): "recipe_packed",
    queries.packed_rows(SQL.recipe_list_single): "recipe_list_packed",
    queries.json_rows(SQL.recipe_list_single): "recipe_list_json",
    "SET TIME ZONE 'UTC'": "set_time_zone",
    **{getattr(SQL.of_arrays(), name): f"{name} of an array" for name in queries.LISTS},
}
PACKED, JSON_LISTS = (PLANS[plan](Given()) for plan in (Plan.PACKED, Plan.JSON))
SEQUENTIAL, SINGLE = (PLANS[plan](SERIALIZERS[SerializerName.JSON]) for plan in (Plan.SEQUENTIAL, Plan.SINGLE))
NOON = datetime(2022, 3, 1, 12, tzinfo=UTC)
RECIPE: Row = (7, "Soup", None, None, None, None, [], False, "team", 1, "Club", NOON, NOON)
SUMMARY: Row = (7, "Soup", None, None, None, None, [], False, NOON, NOON)
NOTE: Row = (1, "Good", 2, "Bo", NOON, NOON)
REACTION: Row = (5, "👍", 2, "Bo", NOON)
VISITOR: dict[str, Sequence[Any]] = {"session": [(2,)], "active_teams": [(1,), (4,)]}


def follow(plan: Steps, rows: Mapping[str, Sequence[Any]]) -> tuple[list[tuple[str, tuple[Any, ...]]], Any]:
    """The statements of a plan that is sent these rows (no rows for a query that is not named), and its JSON."""
    asked = []
    statement = next(plan)
    while True:
        name = NAMES[statement.sql]
        asked.append((name, tuple(statement.arguments)))
        try:
            statement = plan.send(rows.get(name, []))
        except StopIteration as end:
            return asked, json.loads(end.value)


def refusal(plan: Steps, rows: Mapping[str, Sequence[Any]]) -> ErrorKind:
    with pytest.raises(ApiError) as raised:
        follow(plan, rows)
    return raised.value.kind


def test_a_recipe_in_nine_statements() -> None:
    rows = VISITOR | {"recipe": [RECIPE], "notes": [NOTE], "reactions": [(1, *REACTION)]}
    asked, document = follow(SEQUENTIAL.recipe("key", 7), rows)
    assert asked == [
        ("session", ("key",)),
        ("active_teams", (2,)),
        ("recipe", (7, 2, [1, 4])),
        ("ingredients", (7,)),
        ("sections", (7,)),
        ("steps", (7,)),
        ("events", (7,)),
        ("notes", (7,)),
        ("reactions", (7,)),
    ]
    assert document["timeline"]["notes"][0]["reactions"][0]["emoji"] == "👍"


def test_a_random_recipe_is_the_one_that_is_looked_up() -> None:
    article = Sequential(SERIALIZERS[SerializerName.JSON], Lookup.RANDOM, set_time_zone=True)
    asked, document = follow(article.recipe("key", 99), {"session": [(2,)], "recipe_random": [RECIPE]})
    assert asked[:4] == [
        ("set_time_zone", ()),
        ("session", ("key",)),
        ("recipe_random", (2, 1)),
        ("ingredients of an array", ([7],)),
    ]
    assert (len(asked), document["id"]) == (9, 7)
    assert refusal(article.recipe("key", 99), {"session": [(2,)]}) is ErrorKind.NOT_FOUND


def test_a_recipe_in_one_statement_is_the_same_document() -> None:
    rows = [(*RECIPE, None, None, None, None, [(*NOTE, [REACTION])])]
    asked, document = follow(SINGLE.recipe("key", 7), {"recipe_single": rows})
    assert asked == [("recipe_single", ("key", 7))]
    nine = VISITOR | {"recipe": [RECIPE], "notes": [NOTE], "reactions": [(1, *REACTION)]}
    assert document == follow(SEQUENTIAL.recipe("key", 7), nine)[1]


def test_a_list() -> None:
    asked, document = follow(SEQUENTIAL.recipe_list("key", 1, 3), VISITOR | {"recipe_list": [SUMMARY]})
    assert asked[2:] == [("recipe_list", (2, [1, 4], 3, 1))]
    assert document["next_after"] == 7
    single = follow(SINGLE.recipe_list("key", 1, 3), {"recipe_list_single": [SUMMARY]})
    assert single == ([("recipe_list_single", ("key", 3, 1))], document)


@pytest.mark.parametrize("plans", [SEQUENTIAL, SINGLE], ids=["sequential", "single"])
def test_only_a_full_page_has_a_next_one(plans: Plans) -> None:
    rows = VISITOR | {"recipe_list": [SUMMARY], "recipe_list_single": [SUMMARY]}
    assert follow(plans.recipe_list("key", 1, 0), rows)[1]["next_after"] == 7
    assert follow(plans.recipe_list("key", 2, 0), rows)[1]["next_after"] is None


def test_a_row_of_nulls_is_an_empty_list() -> None:
    _, document = follow(SINGLE.recipe_list("key", 1, 3), {"recipe_list_single": [(None,) * 10]})
    assert document == {"recipes": [], "next_after": None}


def test_a_note() -> None:
    rows = VISITOR | {"note_recipe": [(7,)], "note_create": [NOTE]}
    asked, document = follow(SEQUENTIAL.note("key", 7, "Good"), rows)
    assert asked[2:] == [("note_recipe", (7, 2, [1, 4])), ("note_create", (7, "Good", 2))]
    single = follow(SINGLE.note("key", 7, "Good"), {"note_create_single": [NOTE]})
    assert single == ([("note_create_single", ("key", 7, "Good"))], document)
    assert (document["id"], document["reactions"]) == (1, [])


def test_packed_rows_go_to_the_serializer_as_they_came() -> None:
    recipe = follow(PACKED.recipe("key", 7), {"recipe_packed": [(b"row",)]})
    assert recipe == ([("recipe_packed", ("key", 7))], [str(b"row"), None])
    page = follow(PACKED.recipe_list("key", 2, 3), {"recipe_list_packed": [(2, 7, b"rows")]})
    assert page == ([("recipe_list_packed", ("key", 3, 2))], [str(b"rows"), 7])
    last = follow(PACKED.recipe_list("key", 2, 3), {"recipe_list_packed": [(1, 7, b"rows")]})
    assert last[1] == [str(b"rows"), None]
    note = follow(PACKED.note("key", 7, "Good"), {"note_create_single": [NOTE]})
    assert note == ([("note_create_single", ("key", 7, "Good"))], str(NOTE))


def test_a_packed_row_of_nulls_is_an_empty_list() -> None:
    assert follow(PACKED.recipe_list("key", 1, 3), {"recipe_list_packed": [(0, None, b"NULLs")]})[1] == ["[]", None]


def test_json_that_postgres_has_made_of_a_list_is_sent_as_it_came() -> None:
    page = follow(JSON_LISTS.recipe_list("key", 2, 3), {"recipe_list_json": [(2, 7, b'["rows"]')]})
    assert page == ([("recipe_list_json", ("key", 3, 2))], {"recipes": ["rows"], "next_after": 7})
    last = follow(JSON_LISTS.recipe_list("key", 2, 3), {"recipe_list_json": [(1, 7, b'["rows"]')]})
    assert last[1] == {"recipes": ["rows"], "next_after": None}
    none = follow(JSON_LISTS.recipe_list("key", 2, 3), {"recipe_list_json": [(0, None, b"NULLs")]})
    assert none[1] == {"recipes": [], "next_after": None}


@pytest.mark.parametrize(
    "plans", [SEQUENTIAL, SINGLE, PACKED, JSON_LISTS], ids=["sequential", "single", "packed", "json"]
)
def test_no_session_is_unauthorized(plans: Plans) -> None:
    # An aggregate over no rows is still one row.
    nothing = [(0, None, None)]
    aggregates = {"recipe_list_packed": nothing, "recipe_list_json": nothing}
    for steps in (plans.recipe("key", 7), plans.recipe_list("key", 1, 0), plans.note("key", 7, "Good")):
        assert refusal(steps, aggregates) is ErrorKind.UNAUTHORIZED


def test_what_the_user_may_not_see_is_not_found() -> None:
    assert refusal(SEQUENTIAL.recipe("key", 7), VISITOR) is ErrorKind.NOT_FOUND
    assert refusal(SEQUENTIAL.note("key", 7, "Good"), VISITOR) is ErrorKind.NOT_FOUND
    assert refusal(SINGLE.recipe("key", 7), {"recipe_single": [(None,) * 18]}) is ErrorKind.NOT_FOUND
    assert refusal(SINGLE.note("key", 7, "Good"), {"note_create_single": [(None,) * 6]}) is ErrorKind.NOT_FOUND
    assert refusal(PACKED.recipe("key", 7), {"recipe_packed": [(None,)]}) is ErrorKind.NOT_FOUND
