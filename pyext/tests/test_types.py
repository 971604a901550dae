"""Every type of a Postgres with all its extensions, under every declaration: what Postgres says, or an error.

A value of each is packed without a shape, where only the types with a number of their own in every database are known,
and by a shape, where Postgres does what is declared.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

import asyncpg
import pytest
from rowjson import Column, Many, One, Shape, dumps, packed

DATABASE = "rowjson_types"
SCALARS = [
    *("bool", "bytea", "char", "name", "int8", "int2", "int4", "text", "oid", "json", "xml", "cidr", "float4"),
    *("float8", "unknown", "inet", "bpchar", "varchar", "date", "time", "timestamp", "timestamptz", "interval"),
    *("timetz", "numeric", "uuid", "jsonb", "int4range", "numrange", "tsrange", "tstzrange", "daterange"),
    *("int8range",),
]
DECLARATIONS = [None, *SCALARS, *(f"{name}[]" for name in SCALARS)]
# One of each group for which Postgres is asked the same.
ASKED = [None, "text", "json", "jsonb", "int4", "text[]", "json[]", "jsonb[]", "int4[]", "float8[]", "timestamptz[]"]
TEXTS = {"text", "varchar", "bpchar", "name", "xml", "unknown"}
# Types as users create them, and a domain over each type that has a JSON form.
MADE = """
CREATE TYPE mood AS ENUM ('sour', 'AAAA');
CREATE TYPE pair AS (id int4, name text);
CREATE TYPE floatrange AS RANGE (subtype = float8);
CREATE DOMAIN pairs AS pair;
CREATE DOMAIN moods AS mood;
CREATE DOMAIN mood_array AS mood[];
CREATE DOMAIN tree AS ltree;
CREATE DOMAIN int4_array AS int4[];
CREATE DOMAIN over_domain AS int4_array;
"""
# Whether a type reads a text, and can be sent as bytes.
SENT = """
CREATE FUNCTION sent(type text, literal text) RETURNS bool LANGUAGE plpgsql AS $$BEGIN
    EXECUTE format('SELECT record_send(ROW(%L::%s)), to_jsonb(%1$L::%2$s)', literal, type);
    RETURN true;
EXCEPTION WHEN OTHERS THEN RETURN false;
END$$
"""
TYPES = """
SELECT oid::regtype::text AS type FROM pg_type
WHERE typisdefined AND typcategory <> 'A' AND typtype IN ('b', 'd', 'e', 'm', 'r') OR typname IN ('pair', 'mood_array')
ORDER BY oid
"""
# Texts that some type can be cast from, and whose bytes are easily confused with those of other types.
LITERALS = [
    *("4702111234474983745", "1094795585", "16705"),  # AAAAAAAA, AAAA and AA, as int8, int4 and int2
    *('{"a": [1, "é"]}', "1", "t", "AAAA", "Top.Science", "$.a", "a", "<a/>", "1.10", "0101", "users", "a=>1"),
    *("2024-01-31", "2024-01-31 12:34:56.5", "12:34:56", "1 day 02:03:04", "00112233-4455-6677-8899-aabbccddeeff"),
    *("10.0.0.0/8", "00:11:22:33:44:55", "978-0-393-04002-9", "9790260000438", "1436-4522", "220356483481"),
    *("(1,2)", "((1,2),(3,4))", "<(1,2),3>", "{1,2,3}", "[1,2,3]", "{1:1,3:2}/3", '(1,"a")', "{sour,NULL}", "{}"),
    *("[1,10)", "{[1,10)}", "[2024-01-31,2024-02-01)", "{[2024-01-31,2024-02-01)}", "0/1", "1:2:", "=r/postgres"),
]

Comparable = Callable[[str, Any], Any]


class Sample(NamedTuple):
    """A value of a type, or an array of such values, in SQL."""

    type: str
    sql: str
    packed: bytes
    json: Any
    text: str
    kind: str
    """The name in pg_type of the type without `[]`, or of the type that it is based on."""


@pytest.fixture(scope="module")
def database(runner: Any, connect: Callable[..., Any]) -> Iterator[Callable[..., list[Any]]]:
    """Asks a new database that has all available extensions."""
    owner = connect()
    runner.run(owner.execute(f"DROP DATABASE IF EXISTS {DATABASE}"))
    runner.run(owner.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0"))
    connection = connect(database=DATABASE, statement_cache_size=0)

    def ask(query: str, *parameters: Any) -> list[Any]:
        records: list[Any] = runner.run(connection.fetch(query, *parameters))
        return records

    for extension in ask("SELECT name FROM pg_available_extensions ORDER BY name"):
        # An extension may need what this server does not have.
        with suppress(asyncpg.PostgresError):
            runner.run(connection.execute(f'CREATE EXTENSION IF NOT EXISTS "{extension["name"]}" CASCADE'))
    domains = [f'CREATE DOMAIN "over {name}" AS pg_catalog."{name}";' for name in SCALARS if name != "unknown"]
    for statements in (MADE, SENT, *domains):
        runner.run(connection.execute(statements))
    yield ask
    runner.run(connection.close())
    runner.run(owner.execute(f"DROP DATABASE {DATABASE}"))


@pytest.fixture(scope="module")
def by_shape(database: Callable[..., list[Any]]) -> Callable[[str, Shape], bytes]:
    """A value that is packed and written by a shape."""

    def by_shape(sql: str, shape: Shape) -> bytes:
        (row,) = database(packed(f"SELECT {sql}", shape))
        return dumps(shape.row(row[0]))

    return by_shape


@pytest.fixture(scope="module")
def samples(database: Callable[..., list[Any]]) -> list[Sample]:
    read = database(
        f"""SELECT type, unnest((array_agg(literal))[:6]) AS literal FROM ({TYPES}) t, unnest($1::text[]) literal
        WHERE sent(type, literal) GROUP BY type""",  # noqa: S608 - ours
        LITERALS,
    )
    found = []
    for type_, literal in read:
        one = f"{quoted(literal)}::{type_}"
        for sql in (one, f"ARRAY[{one}, NULL]"):
            with suppress(asyncpg.PostgresError):
                (row,) = database(f"""SELECT record_send(ROW(v)) AS packed, to_jsonb(v)::text AS json, v::text AS text,
                    (SELECT typname FROM pg_type WHERE oid = pg_typeof(COALESCE(v, NULL))) AS kind
                    FROM (SELECT {sql} AS v) q""")  # noqa: S608 - ours
                theirs = json.loads(row["json"], parse_float=Decimal)
                kind = row["kind"].removeprefix("_").removeprefix("over ")
                found.append(Sample(type_, sql, row["packed"], theirs, row["text"], kind))
    return found


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def outcome(write: Callable[[], bytes]) -> tuple[Any, str | None]:
    """The value that is written, or the error."""
    try:
        written = write()
    except (ValueError, asyncpg.PostgresError) as error:
        return None, str(error)
    return value(written), None


def value(written: bytes) -> Any:
    return json.loads(written, parse_float=Decimal)["v"]


def is_same(comparable: Comparable, kind: str, ours: Any, theirs: Any) -> bool:
    """Whether both are the same value of this type. They are not if one of them cannot be read as it."""
    try:
        return bool(comparable(kind, ours) == comparable(kind, theirs))
    except (AssertionError, TypeError, ValueError, ArithmeticError, KeyError):
        return False


def elements(text: Any, read: Callable[[str], Any]) -> Any:
    if isinstance(text, list):
        return [None if element is None else elements(element, read) for element in text]
    return read(text)


def test_there_is_a_value_of_each_type(samples: list[Sample], database: Callable[..., list[Any]]) -> None:
    types = {sample.type for sample in samples}
    assert {"ltree", "lquery", "ltxtquery", "citext", "hstore", "cube", "jsonpath", "money", "mood"} <= types
    assert {sample.kind for sample in samples} >= set(SCALARS) - {"unknown", "xml"}
    # Postgres cannot pack the types that are missing: they have no binary form, or no text makes a value of them.
    missing = {row["type"] for row in database(TYPES)} - types
    for type_ in missing:
        with pytest.raises(asyncpg.PostgresError):
            database(packed(f"SELECT '1'::{type_}"))


@pytest.mark.parametrize("declared", DECLARATIONS)
def test_bytes_are_what_their_type_says_or_nothing_is_written(
    samples: list[Sample], comparable: Comparable, declared: str | None
) -> None:
    shape = Shape(["v" if declared is None else Column("v", declared)])
    of_what = ("" if declared is None else declared).removesuffix("[]")
    for sample in samples:
        what = f"{sample.sql} declared as {declared}"
        ours, refused = outcome(partial(dumps, shape.row(sample.packed)))
        if refused is not None:
            assert refused.endswith("at $.v"), refused
            if "not JSON" not in refused and "a composite needs a shape" not in refused:
                assert "type OID" in refused, what
                assert f"declared as {of_what}" in refused or declared is None, what
            continue
        if is_same(comparable, sample.kind, ours, sample.json):
            continue
        assert declared, what
        assert declared.startswith("json"), what
        assert sample.kind in TEXTS, what
        assert ours == elements(sample.json, json.loads), what


@pytest.mark.parametrize("declared", ASKED)
def test_by_a_shape_bytes_are_what_is_declared_or_nothing_is_packed(
    database: Callable[..., list[Any]],
    by_shape: Callable[[str, Shape], bytes],
    samples: list[Sample],
    comparable: Comparable,
    declared: str | None,
) -> None:
    shape = Shape(["v" if declared is None else Column("v", declared)])
    written = set()
    for sample in samples:
        cast = sample.sql if declared is None else f"({sample.sql})::{declared}"
        what = f"{sample.sql} declared as {declared}"
        ours, refused = outcome(partial(by_shape, sample.sql, shape))
        if refused is not None:
            continue
        written.add(sample.type)
        if is_same(comparable, sample.kind, ours, sample.json):
            continue
        assert declared, what
        kind = declared.removesuffix("[]")
        (row,) = database(f"SELECT to_jsonb({cast})::text")
        assert is_same(comparable, kind, ours, json.loads(row[0], parse_float=Decimal)), what
    everywhere = {"text": {"ltree", "citext", "hstore", "cube", "money", "point", "jsonpath", "mood", "tree", "pair"}}
    assert written >= everywhere.get(declared or "", set())
    if declared in (None, "int4"):
        assert written >= {f'"over {name}"' for name in SCALARS if name not in {"unknown", "xml"}}


def test_rows_are_composites_or_nothing_is_written(
    by_shape: Callable[[str, Shape], bytes], samples: list[Sample]
) -> None:
    pair = Shape(["id", "name"])
    for sample in samples:
        for shape in (Shape([One("v", pair)]), Shape([Many("v", pair)])):
            plain, _ = outcome(partial(dumps, shape.row(sample.packed)))
            shaped, _ = outcome(partial(by_shape, sample.sql, shape))
            # An empty array is written whatever the type of its elements is.
            assert plain in (shaped, []), sample.sql
            assert plain in (None, []) or sample.type in {"pair", "pairs"}, sample.sql
