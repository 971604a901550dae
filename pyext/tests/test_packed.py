r"""Rows as Postgres packs them: each value is what Postgres's own to_jsonb says, but for documented differences.

These are, with the type that each is of:

- float4, float8, numeric: NaN and infinities are null, and not a string;
- float4, float8: the fewest digits that read back the same, of which Postgres now and then writes one more;
- oid: a number, and not a string;
- bytea: base64 or hex, and not \x…;
- timestamptz: Z, and not +00:00; all times: six digits of a fraction, or none;
- timetz: an offset has its minutes;
- ranges: an object, and not their text;
- date, timestamp, timestamptz: infinities, and years but 1 to 9999, are an error.

Intervals are what to_jsonb writes where intervalstyle is iso_8601.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from rowjson import Column, Many, One, Shape, dumps, packed

Pack = Callable[..., bytes | None]
Both = Callable[[str, str], tuple[list[Any], list[Any]]]

V = Shape(["v"])

LITERALS = {
    "bool": ["true", "false"],
    "bytea": ["", r"\x00", r"\x00ff", r"\x00ff80", r"\xdeadbeef"],
    '"char"': ["a", '"', "\\", "\x7f", ""],
    "name": ["", "a", "é", "n" * 63],
    "int8": ["0", "-1", "9223372036854775807", "-9223372036854775808"],
    "int2": ["0", "32767", "-32768"],
    "int4": ["0", "2147483647", "-2147483648"],
    "text": ["", "a", 'a"b\\c/', "\n\t\x01\x1f\x7f", "é漢😀", "x" * 1000],
    "oid": ["0", "4294967295"],
    "json": ["1", '"a"', "null", '{"a" : [1, 2.50, {"b": null}]}', " [ ] ", '"\\u00e9"', "1e400"],
    "xml": ["<a/>", '<a b="c">é</a>', "text"],
    "cidr": ["10.0.0.0/8", "0.0.0.0/0", "10.1.2.3/32", "2001:db8::/32", "::/0", "::1/128"],
    "float4": ["0", "-0", "0.1", "1e-45", "3.4028235e38", "16777216", "NaN", "Infinity", "-Infinity"],
    "float8": ["0", "-0", "0.1", "5e-324", "1.7976931348623157e308", "1e16", "123456789.125", "NaN", "-Infinity"],
    "inet": ["10.0.0.1", "10.0.0.1/8", "::1", "::1/64", "::ffff:1.2.3.4", "::1.2.3.4", "2001:db8::ff00:42:8329"],
    "bpchar": ["", "a", "a  "],
    "char(5)": ["", "a", "é"],
    "varchar": ["", "a", "é"],
    "date": ["0001-01-01", "2000-01-01", "1999-12-31", "2024-02-29", "9999-12-31"],
    "time": ["00:00:00", "12:34:56.5", "23:59:59.999999", "24:00:00"],
    "timestamp": ["0001-01-01 00:00:00", "2024-01-31 12:34:56.000001", "9999-12-31 23:59:59.999999"],
    "timestamptz": ["0001-01-01 00:00:00+00", "1970-01-01 00:00:00+00", "2024-01-31 12:34:56.1+05:30"],
    "interval": [
        "0",
        "1 year 2 mons 3 days 04:05:06.7",
        "-1 day +02:00:00",
        "1 day -00:00:00.000001",
        "-13 mons",
        "1000000:00:00",
        "178956970 years 7 mons",
        "-0.5 seconds",
        "90 seconds",
    ],
    "timetz": ["00:00:00+00", "12:34:56.5-08", "23:59:59+05:30", "00:00:00+01:02:03", "00:00:00-15:59:59"],
    "numeric": [
        "0",
        "0.00",
        "-0.00",
        "1.10",
        "100",
        "10000",
        "100000000",
        "0.0001",
        "0.00001",
        "-12345.678900",
        "123456789012345678901234567890.123456789012345678901234567890",
        "1e100",
        "1e-100",
        "9" * 40,
        "NaN",
        "Infinity",
        "-Infinity",
    ],
    "uuid": ["00112233-4455-6677-8899-aabbccddeeff", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
    "jsonb": ["1", '"a"', "null", '{"a": [1, 2.50, {"b": null}]}', "[]", '"\\u00e9"'],
    "int4range": ["empty", "[1,10)", "(1,10]", "[1,]", "(,)", "(,5)"],
    "numrange": ["empty", "[1.10,2]", "(1,2)", "(,1.5]"],
    "tsrange": ["empty", "[2024-01-31 12:34:56.5,2024-02-01]", "(,2024-01-31)"],
    "tstzrange": ["empty", "[2024-01-31 12:34:56+02,2024-02-01 00:00:00+00]", "[2024-01-31,)"],
    "daterange": ["empty", "[2024-01-31,2024-02-01]", "(,)", "[2024-01-31,)"],
    "int8range": ["empty", "[-9223372036854775808,9223372036854775806]", "(,)"],
}


def quoted(text: str) -> str:
    return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def kind_of(type_: str) -> str:
    return type_.strip('"').partition("(")[0]


def values(type_: str) -> list[str]:
    return [f"{quoted(text)}::{type_}" for text in LITERALS[type_]]


@pytest.mark.parametrize("type_", LITERALS)
def test_a_value_is_what_postgres_says(both: Both, type_: str) -> None:
    rows = ", ".join(f"({value})" for value in [*values(type_), "NULL"])
    ours, theirs = both(kind_of(type_), f"SELECT v FROM (VALUES {rows}) t (v)")  # noqa: S608 - ours
    assert ours == theirs
    assert len(ours) == len(LITERALS[type_]) + 1
    assert ours[-1] is None


@pytest.mark.parametrize("type_", LITERALS)
def test_an_array_is_what_postgres_says(both: Both, type_: str) -> None:
    elements = ", ".join([*values(type_), "NULL"])
    row = f"ARRAY[{elements}]"
    arrays = [row, f"ARRAY[{row}, {row}]", f"ARRAY[[{row}]]", f"ARRAY[]::{type_}[]", f"NULL::{type_}[]"]
    for array in arrays:
        ours, theirs = both(kind_of(type_), f"SELECT {array} AS v")
        assert ours == theirs, array


def test_the_first_index_of_an_array_is_not_shown(pack: Pack) -> None:
    assert dumps(V.rows(pack("SELECT '[5:6][-1:0]={{1,2},{3,4}}'::int4[]"))) == b'[{"v":[[1,2],[3,4]]}]'


def test_numerics_have_the_digits_that_postgres_shows(pack: Pack, fetch: Callable[..., list[Any]]) -> None:
    query = """SELECT (i::numeric / 7 * 10::numeric ^ (i % 60 - 30))::numeric AS v FROM generate_series(-300, 300) i
        UNION ALL SELECT round(i * 1.5, i % 7) FROM generate_series(1, 300) i"""
    texts = [record["v"] for record in fetch(f"SELECT v::text FROM ({query}) q")]  # noqa: S608 - ours
    assert dumps(V.rows(pack(query))) == b"[" + b",".join(f'{{"v":{text}}}'.encode() for text in texts) + b"]"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("'2024-01-31 12:34:56+00'::timestamptz", '"2024-01-31T12:34:56Z"'),
        ("'2024-01-31 12:34:56.5+00'::timestamptz", '"2024-01-31T12:34:56.500000Z"'),
        ("'2024-01-31 12:34:56.5'::timestamp", '"2024-01-31T12:34:56.500000"'),
        ("'12:34:56+02'::timetz", '"12:34:56+02:00"'),
        ("'[1,10)'::int4range", '{"lower":1,"upper":10,"bounds":"[)"}'),
        ("'empty'::int4range", '{"empty":true}'),
        ("'NaN'::float8", "null"),
        ("'NaN'::numeric", "null"),
        ("'\\xff'::bytea", '"/w=="'),
        ("'P1Y2M3DT4H5M6.7S'::interval", '"P1Y2M3DT4H5M6.7S"'),
        ("""'{"a" : 1}'::json""", '{"a" : 1}'),
        ("1.10::numeric", "1.10"),
    ],
)
def test_what_to_jsonb_writes_otherwise(pack: Pack, value: str, expected: str) -> None:
    assert dumps(V.rows(pack(f"SELECT {value}"))) == f'[{{"v":{expected}}}]'.encode()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("'infinity'::date", "date: infinity has no JSON"),
        ("'-infinity'::timestamp", "timestamp: -infinity has no JSON"),
        ("'infinity'::timestamptz", "timestamptz: infinity has no JSON"),
        ("'0001-01-01 BC'::date", "date: a year but 1 to 9999 has no JSON"),
        ("'10000-01-01'::date", "date: a year but 1 to 9999 has no JSON"),
        ("'4713-01-01 BC'::timestamp", "timestamp: a year but 1 to 9999 has no JSON"),
        ("'294276-12-31'::timestamptz", "timestamptz: a year but 1 to 9999 has no JSON"),
        ("'[2024-01-01,infinity]'::daterange", "daterange: date: infinity has no JSON"),
        ("ARRAY['infinity'::date]", "date: infinity has no JSON"),
    ],
)
def test_a_moment_that_json_has_no_text_for_is_an_error(pack: Pack, value: str, message: str) -> None:
    rows = pack(f"SELECT 1 AS id, {value} AS at")
    with pytest.raises(ValueError, match=rf"^malformed packed rows: {message} \(byte \d+\), at \$\[0\]\.at$"):
        dumps(Shape(["id", "at"]).rows(rows))


@pytest.mark.parametrize(
    ("value", "oid"),
    [
        ("point '(1,2)'", 600),
        ("'1.00'::money", 790),
        ("B'01'", 1560),
        ("'a'::tsvector", 3614),
        ("'{[1,2)}'::int4multirange", 4451),
        ("'00:11:22:33:44:55'::macaddr", 829),
        ("ARRAY[point '(1,2)']", 1017),
        ("'1 2'::int2vector", 22),
        ("'users'::regclass", 2205),
    ],
)
def test_a_type_without_json_is_named_by_its_number(pack: Pack, value: str, oid: int) -> None:
    message = rf"no JSON for type OID {oid}: declare it as a Column .* \(byte 12\), at \$\[0\]\.v$"
    with pytest.raises(ValueError, match=message):
        dumps(V.rows(pack(f"SELECT {value}")))
    assert dumps(V.rows(pack(f"SELECT CASE WHEN false THEN {value} END"))) == b'[{"v":null}]'


@pytest.mark.parametrize("value", ["ROW(1)", "ARRAY[ROW(1)]"])
def test_a_composite_needs_a_shape(pack: Pack, value: str) -> None:
    with pytest.raises(ValueError, match=r"a composite needs a shape that says what its fields are \(byte \d+\)"):
        dumps(V.rows(pack(f"SELECT {value}")))


@pytest.fixture(scope="module")
def user_types(execute: Callable[[str], None]) -> None:
    execute("""CREATE TYPE pg_temp.mood AS ENUM ('sour', 'süß');
        CREATE TYPE pg_temp.pair AS (id int4, name text);
        CREATE DOMAIN pg_temp.stars AS int4; CREATE DOMAIN pg_temp.label AS text""")


@pytest.mark.usefixtures("user_types")
def test_users_types_are_declared(pack: Pack) -> None:
    for value, declared, expected in [
        ("'süß'::pg_temp.mood", "text", '"süß"'),
        ("'{sour,NULL}'::pg_temp.mood[]", "text[]", '["sour",null]'),
        ("5::pg_temp.stars", "int4", "5"),
        ("'{1,2}'::pg_temp.stars[]", "int4[]", "[1,2]"),
        ("'a'::pg_temp.label", "text", '"a"'),
        ("""'{"a": 1}'::pg_temp.label""", "json", '{"a": 1}'),
    ]:
        rows = pack(f"SELECT {value}")
        assert dumps(Shape([Column("v", declared)]).rows(rows)) == f'[{{"v":{expected}}}]'.encode()


@pytest.mark.usefixtures("user_types")
def test_users_types_that_are_not_declared_are_refused(pack: Pack) -> None:
    for value in ("'sour'::pg_temp.mood", "ARRAY['sour'::pg_temp.mood]", "(1, 'a')::pg_temp.pair"):
        with pytest.raises(ValueError, match=r"no JSON for type OID \d{5,}: declare it as a Column"):
            dumps(V.rows(pack(f"SELECT {value}")))


@pytest.mark.usefixtures("user_types")
def test_a_wrong_declaration_is_refused(pack: Pack) -> None:
    for value, declared in [
        ("(1, 'a')::pg_temp.pair", "text"),
        ("ARRAY['sour'::pg_temp.mood]", "text"),
        ("'sour'::pg_temp.mood", "int4[]"),
        ("'sour'::pg_temp.mood", "uuid"),
    ]:
        with pytest.raises(ValueError, match=r"^malformed packed rows: .* \(byte \d+\), at \$\[0\]\.v$"):
            dumps(Shape([Column("v", declared)]).rows(pack(f"SELECT {value}")))


@pytest.mark.usefixtures("user_types")
def test_users_composites_are_rows(pack: Pack) -> None:
    pair = Shape(["id", "name"])
    shape = Shape([One("one", pair), Many("all", pair)])
    rows = pack("SELECT (1, 'a')::pg_temp.pair, ARRAY[(2, NULL)::pg_temp.pair]")
    assert dumps(shape.rows(rows)) == b'[{"one":{"id":1,"name":"a"},"all":[{"id":2,"name":null}]}]'


def test_a_row_that_is_null_in_an_array_is_refused(pack: Pack) -> None:
    shape = Shape([Many("all", Shape(["id"]))])
    with pytest.raises(ValueError, match=r"a row that is NULL \(byte 12\), at \$\[0\]\.all\[1\]$"):
        dumps(shape.rows(pack("SELECT ARRAY[ROW(1), NULL]")))


def test_arrays_of_rows_have_one_dimension(pack: Pack) -> None:
    shape = Shape([Many("all", Shape(["id"]))])
    with pytest.raises(ValueError, match="an array of composites with more than one dimension"):
        dumps(shape.rows(pack("SELECT ARRAY[ARRAY[ROW(1)], ARRAY[ROW(2)]]")))


def test_a_query_may_have_parameters_and_end_as_queries_do(pack: Pack) -> None:
    assert dumps(V.rows(pack("SELECT $1::int4 + $2::int4 -- nothing else", 1, 2))) == b'[{"v":3}]'
    assert dumps(V.rows(pack("SELECT 1;\n"))) == b'[{"v":1}]'
    assert dumps(V.rows(pack("WITH a AS (SELECT 2) TABLE a"))) == b'[{"v":2}]'
    assert dumps(V.rows(pack("SELECT i FROM generate_series(1, 3) i ORDER BY i DESC"))) == b'[{"v":3},{"v":2},{"v":1}]'


def test_the_query_is_one_value_and_null_where_there_are_no_rows(pack: Pack) -> None:
    assert packed("SELECT 1").startswith("SELECT ")
    assert pack("SELECT 1 WHERE false") is None


@pytest.mark.parametrize("query", ["SELECT 1 AS id, 'a' AS t", "SELECT 1 AS id, ROW(5, 6) AS t"])
def test_a_column_may_be_called_anything(pack: Pack, query: str) -> None:
    assert len(json.loads(dumps(Shape(["id", Column("t", "text")], {"id": "id"}).rows(pack(query))))) == 1
    assert dumps(Shape(["id", "t"], {"id": "id"}).rows(pack(query))) == b'[{"id":1}]'


@pytest.mark.parametrize(
    ("value", "packed_json", "record_json"),
    [
        ("0.1::float4", b"0.1", b"0.10000000149011612"),
        ("'1 mon 1 day'::interval", b'"P1M1D"', b'"P31D"'),
        ("0.00000001::numeric", b"0.00000001", b"1E-8"),
        ("'a'::\"char\"", b'"a"', b'"YQ=="'),
        ("'[1]'::json", b"[1]", b'"[1]"'),
        ("'::1.2.3.4'::inet", b'"::1.2.3.4"', b'"::102:304"'),
    ],
)
def test_what_asyncpg_has_changed_before_dumps_sees_it(
    pack: Pack, fetch: Callable[..., list[Any]], value: str, packed_json: bytes, record_json: bytes
) -> None:
    query = f"SELECT {value} AS v"
    assert dumps(V.rows(pack(query))) == b'[{"v":' + packed_json + b"}]"
    assert dumps(V.rows(fetch(query))) == b'[{"v":' + record_json + b"}]"
