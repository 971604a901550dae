"""Columns with a declared type."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from rowjson import Column, Fragment, Many, Shape, dumps
from rowjson import packed as packed_query

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


NOT_JSON = ["", " ", "hello", "{", "[1,]", "{'a':1}", "1 2", "NaN", '"\n"', '{"a":}', "\ufeff1", "[1]\x00"]


@pytest.mark.parametrize("text", NOT_JSON)
def test_text_that_is_not_json_is_not_embedded(text: str) -> None:
    message = r"^a str in a column declared as JSON: not JSON: .* expected \(byte \d+\); .*, at \$"
    for declared in ("json", "jsonb"):
        with pytest.raises(ValueError, match=rf"{message}\.a$"):
            dumps(Shape([Column("a", declared)]).row((text,)))
        with pytest.raises(ValueError, match=rf"{message}\[1\]\.a\[0\]\[1\]$"):
            dumps(Shape([Column("a", f"{declared}[]")]).rows([([],), ([["1", text]],)]))


def test_text_is_embedded_as_it_is() -> None:
    shape = Shape([Column("a", "json")])
    for text in ('{ "b" : 1e2, "b": "\\ud800" }\n', "[" * 1000 + "]" * 1000, '"é漢😀"', "-0.0"):
        assert dumps(shape.row((text,))) == f'{{"a":{text}}}'.encode()
        assert dumps(shape.row((type("Text", (str,), {})(text),))) == f'{{"a":{text}}}'.encode()


def test_a_fragment_is_not_checked() -> None:
    assert dumps(Shape([Column("a", "json")]).row((Fragment("oops"),))) == b'{"a":oops}'


def test_packed_text_is_checked_where_it_is_declared_as_json(pack: Pack) -> None:
    shape = Shape([Column("a", "json")])
    assert dumps(shape.rows(pack("SELECT '[1]'"))) == b'[{"a":[1]}]'
    with pytest.raises(ValueError, match=r"json: not JSON: a value expected \(byte \d+\), at \$\[0\]\.a$"):
        dumps(shape.rows(pack("SELECT 'hello'")))


def test_packed_values_of_a_domain_are_checked_as_what_they_are_declared(
    pack: Pack, execute: Callable[[str], None]
) -> None:
    execute("""CREATE DOMAIN pg_temp.column_json AS json; CREATE DOMAIN pg_temp.column_jsonb AS jsonb;
        CREATE DOMAIN pg_temp.column_text AS text""")
    shape = Shape([Column("a", "json"), Column("b", "jsonb"), Column("c", "json")])
    query = "SELECT '[1]'::pg_temp.column_json, '[1]'::pg_temp.column_jsonb, '[1]'::pg_temp.column_text"
    assert dumps(shape.rows(pack(query, shape=shape))) == b'[{"a":[1],"b":[1],"c":[1]}]'
    with pytest.raises(asyncpg.InvalidTextRepresentationError, match="invalid input syntax for type json"):
        pack("SELECT 'oops'::pg_temp.column_text", shape=Shape([Column("a", "json")]))


def test_what_a_codec_has_read_is_a_value_where_nothing_is_declared(
    runner: asyncio.Runner, connect: Callable[..., Any]
) -> None:
    """A str that a codec has decoded looks like JSON text: only the declaration can tell them apart."""
    connection = connect()
    for name in ("json", "jsonb"):
        codec = connection.set_type_codec(name, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
        runner.run(codec)
    query = """SELECT v::json AS a, v::jsonb AS b
        FROM unnest(ARRAY['{"c": "[1]"}', '"[1]"', '"hello"', '"null"', '1', 'null', '[]']) v"""
    records = runner.run(connection.fetch(query))
    values = [{"c": "[1]"}, "[1]", "hello", "null", 1, None, []]
    expected = [{"a": value, "b": value} for value in values]
    assert json.loads(dumps(Shape(["a", "b"]).rows(records))) == expected
    assert json.loads(dumps(records)) == expected
    # The same shape can read packed rows, whose types are sent with them.
    packed = runner.run(connection.fetchval(packed_query(query)))
    assert json.loads(dumps(Shape(["a", "b"]).rows(packed))) == expected
    # With the declaration, some texts would be taken for JSON; at "hello" the mistake shows.
    with pytest.raises(ValueError, match=r"where the connection has a codec for JSON, leave the declaration out"):
        dumps(Shape([Column("a", "json"), Column("b", "jsonb")]).rows(records))


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
    # If the shape packs, Postgres casts a value that is declared as text.
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
