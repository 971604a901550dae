"""All serializers give the same bytes, which the test writes without any of them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_service.serializers import SERIALIZERS, Serializer, with_json
from python_service.settings import SerializerName

from python_service import document, models

bigints = st.integers(-(2**63), 2**63 - 1)
# The texts that Postgres can store: without NUL and lone surrogates.
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
# The forms in which asyncpg and psycopg give them.
times = st.datetimes(timezones=st.sampled_from([UTC, ZoneInfo("UTC"), ZoneInfo("Etc/UTC")]))
flags = st.booleans()
nothing_or_rows = partial(st.one_of, st.none())


def rows(*columns: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return nothing_or_rows(st.lists(st.tuples(*columns), max_size=3))


summary = (bigints, texts, *[st.none() | texts] * 3, st.none() | bigints, st.lists(texts, max_size=3), flags)
reactions = rows(bigints, texts, bigints, texts, times)
note = (bigints, texts, bigints, texts, times, times, reactions)
events = st.lists(
    st.tuples(bigints, texts, bigints, texts, times) | st.tuples(bigints, texts, st.none(), st.none(), times),
    max_size=3,
)
recipes = st.tuples(
    *(*summary, st.sampled_from(["user", "team"]), bigints, texts, times, times),
    *(rows(bigints, bigints, texts, texts, texts, flags), rows(bigints, bigints, texts), rows(bigints, bigints, texts)),
    *(nothing_or_rows(events), rows(*note)),
)


def expected(value: Any) -> str:
    """The JSON, written by hand."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{expected(name)}:{expected(member)}" for name, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(expected, value)) + "]"
    if isinstance(value, str):
        return '"' + "".join(map(expected_character, value)) + '"'
    if isinstance(value, datetime):
        fraction = f".{value.microsecond:06}" if value.microsecond else ""
        date = f"{value.year:04}-{value.month:02}-{value.day:02}"
        return f'"{date}T{value.hour:02}:{value.minute:02}:{value.second:02}{fraction}Z"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    assert isinstance(value, int)
    return str(value)


def expected_character(character: str) -> str:
    short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
    return short.get(character, f"\\u{ord(character):04x}" if character < " " else character)


def check(serialize: Callable[[Serializer], bytes], value: document.Document) -> None:
    bodies = {name: serialize(serializer) for name, serializer in SERIALIZERS.items()}
    assert bodies == dict.fromkeys(SerializerName, expected(value).encode())


@given(recipes)
def test_recipes(row: document.Row) -> None:
    check(lambda serializer: serializer.recipe(row), document.recipe(row))


@given(recipes)
def test_recipes_with_reactions_apart(row: document.Row) -> None:
    *others, notes = row
    # In a recipe the notes' ids are distinct.
    notes = [(id_, *columns) for id_, (_, *columns) in enumerate(notes or [])]
    apart = [(id_, *reaction) for id_, *_, reactions in notes for reaction in reactions or []]
    check(
        lambda serializer: serializer.recipe((*others, [note[:-1] for note in notes]), apart),
        document.recipe((*others, notes)),
    )


@given(st.lists(st.tuples(*summary, times, times), max_size=3), st.none() | bigints)
def test_lists(page: list[document.Row], next_after: int | None) -> None:
    check(lambda serializer: serializer.recipe_list(page, next_after), document.recipe_list(page, next_after))


@given(st.tuples(*note[:-1]))
def test_notes(row: document.Row) -> None:
    check(lambda serializer: serializer.note(row), document.note((*row, None)))


def test_json_refuses_what_has_no_place_in_a_document() -> None:
    with pytest.raises(TypeError, match="set has no place in a document"):
        with_json({"id": {1}}, models.Note)


def test_the_expectation_is_json() -> None:
    everything = {"a": [1, True, None, "".join(map(chr, range(300)))], "b": {}}
    assert json.loads(expected(everything)) == everything
