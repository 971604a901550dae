"""Columns whose type their value does not tell."""

from collections.abc import Callable
from typing import Any

import pytest
from rowjson import Column, Many, Shape, dumps

Fetch = Callable[..., list[Any]]
Pack = Callable[..., bytes | None]

PAIR = Shape(["id", "name"])
ID = Shape(["id"])


def test_json_is_embedded_where_it_is_declared(same: Callable[..., bytes]) -> None:
    query = """SELECT '{"a" : 1}'::json AS a, '{"b": [1, 2]}'::jsonb AS b, '"é"'::json AS c, NULL::jsonb AS d"""
    shape = Shape([Column("a", "json"), Column("b", "jsonb"), Column("c", "json"), Column("d", "jsonb")])
    assert same(shape, query) == '[{"a":{"a" : 1},"b":{"b": [1, 2]},"c":"é","d":null}]'.encode()


def test_json_is_a_string_to_asyncpg_and_json_to_postgres(fetch: Fetch, pack: Pack) -> None:
    query = "SELECT '[1]'::jsonb AS id"
    assert dumps(ID.rows(fetch(query))) == b'[{"id":"[1]"}]'
    assert dumps(ID.rows(pack(query))) == b'[{"id":[1]}]'


def test_json_that_a_codec_has_read_is_written_again() -> None:
    shape = Shape([Column("a", "jsonb")])
    assert dumps(shape.rows([({"b": [1]},), (None,), ("[2]",)])) == b'[{"a":{"b":[1]}},{"a":null},{"a":[2]}]'


def test_declared_text_that_holds_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(TypeError, match=r"lone surrogate.*, at \$\.a$"):
        dumps(Shape([Column("a", "json")]).row(("\ud800",)))


def test_arrays_of_json_are_embedded_where_they_are_declared(same: Callable[..., bytes]) -> None:
    shape = Shape([Column("a", "json[]")])
    assert same(shape, """SELECT ARRAY['{"b": 1}', NULL]::json[] AS a""") == b'[{"a":[{"b": 1},null]}]'


def test_a_declaration_does_not_change_what_a_value_is(fetch: Fetch, pack: Pack) -> None:
    shape = Shape([Column("id", "text"), Column("name", "int4")])
    query = "SELECT 1 AS id, 'a' AS name"
    assert dumps(shape.rows(fetch(query))) == dumps(shape.rows(pack(query))) == b'[{"id":1,"name":"a"}]'
    # Packed by the shape, text is what Postgres makes of a value declared so.
    assert dumps(shape.rows(pack(query, shape=shape))) == b'[{"id":"1","name":"a"}]'


def test_domains_and_enums_are_declared(same: Callable[..., bytes], execute: Callable[[str], None]) -> None:
    execute("""CREATE TYPE pg_temp.shape_mood AS ENUM ('sour', 'süß');
        CREATE DOMAIN pg_temp.shape_stars AS int4 CHECK (VALUE <= 5)""")
    shape = Shape([Column("mood", "text"), Column("moods", "text[]"), Column("stars", "int4"), Column("all", "int4[]")])
    query = """SELECT 'süß'::pg_temp.shape_mood AS mood, '{sour,NULL}'::pg_temp.shape_mood[] AS moods,
        5::pg_temp.shape_stars AS stars, '{1,2}'::pg_temp.shape_stars[] AS "all" """
    assert same(shape, query) == '[{"mood":"süß","moods":["sour",null],"stars":5,"all":[1,2]}]'.encode()


def test_the_path_leads_to_the_value(pack: Pack) -> None:
    note = Shape(["id", "at"], {"id": "id", "when": {"at": "at"}})
    shape = Shape(["id", Many("notes", note)])
    rows = pack("SELECT 1, ARRAY[(1, now()), (2, 'infinity'::timestamptz)]")
    with pytest.raises(
        ValueError, match=r"timestamptz: infinity has no JSON \(byte \d+\), at \$\.x\[0\]\.notes\[1\]\.when\.at$"
    ):
        dumps({"x": shape.rows(rows)})
