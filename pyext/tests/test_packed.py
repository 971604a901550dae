r"""Rows as Postgres packs them: each value is what Postgres's to_jsonb writes, with documented differences.

These are, by type:

- float4, float8, numeric: NaN and infinities are null, and not a string;
- float4, float8: the fewest digits that read back the same, while Postgres sometimes writes one more;
- oid: a number, and not a string;
- bytea: base64 or hex, and not \x…;
- timestamptz: Z, and not +00:00; all times: six digits of a fraction, or none;
- timetz: an offset has its minutes;
- ranges: an object, and not their text;
- date, timestamp, timestamptz: infinities, and years other than 1 to 9999, are an error.

Intervals are what to_jsonb writes with the intervalstyle iso_8601.
"""

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import asyncpg
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
        shape = Shape([Column("v", declared)])
        rows = pack(f"SELECT {value}", shape=shape)
        assert dumps(shape.rows(rows)) == f'[{{"v":{expected}}}]'.encode()


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
        ("10000::numeric", b"10000", b"1E+4"),
        ("0.00000000::numeric", b"0.00000000", b"0E-8"),
        ("'1 year'::interval", b'"P1Y"', b'"P365D"'),
        ("'[1,2)'::int4range", b'{"lower":1,"upper":2,"bounds":"[)"}', b'{"lower":1,"upper":2,"bounds":"[)"}'),
        (r"""'"\ud800"'::json""", rb'"\ud800"', rb'"\"\\ud800\""'),
    ],
)
def test_what_asyncpg_has_changed_before_dumps_sees_it(
    pack: Pack, fetch: Callable[..., list[Any]], value: str, packed_json: bytes, record_json: bytes
) -> None:
    query = f"SELECT {value} AS v"
    assert dumps(V.rows(pack(query))) == b'[{"v":' + packed_json + b"}]"
    assert dumps(V.rows(fetch(query))) == b'[{"v":' + record_json + b"}]"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("'infinity'::date", b'"9999-12-31"'),
        ("'-infinity'::date", b'"0001-01-01"'),
        ("'infinity'::timestamp", b'"9999-12-31T23:59:59.999999"'),
        ("'-infinity'::timestamp", b'"0001-01-01T00:00:00"'),
        ("'1.00'::money", b'"$1.00"'),
        ("'00:11:22:33:44:55'::macaddr", b'"00:11:22:33:44:55"'),
        ("'{[1,2)}'::int4multirange", b'[{"lower":1,"upper":2,"bounds":"[)"}]'),
        ("point '(1,2)'", b"[1.0,2.0]"),
        ("'(3,4),(1,2)'::box", b"[[3.0,4.0],[1.0,2.0]]"),
        ("'[(1,2),(3,4)]'::lseg", b"[[1.0,2.0],[3.0,4.0]]"),
        ("'{1,2,3}'::line", b"[1.0,2.0,3.0]"),
        ("'<(1,2),3>'::circle", b"[[1.0,2.0],3.0]"),
        ("B'0101'", b'"0101"'),
        ("ARRAY[ROW(1), NULL]", b"[[1],null]"),
    ],
)
def test_what_records_hold_of_types_that_packed_rows_refuse(
    pack: Pack, fetch: Callable[..., list[Any]], value: str, expected: bytes
) -> None:
    query = f"SELECT {value} AS v"
    assert dumps(V.rows(fetch(query))) == b'[{"v":' + expected + b"}]"
    with pytest.raises(ValueError, match=r"^malformed packed rows: "):
        dumps(V.rows(pack(query)))


@pytest.mark.parametrize("value", ["'0001-01-01 BC'::date", "'4713-01-01 BC'::timestamp", "'10000-01-01'::date"])
def test_what_asyncpg_itself_refuses(fetch: Callable[..., list[Any]], value: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        fetch(f"SELECT {value} AS v")


@pytest.mark.parametrize("value", ["polygon '((1,2),(3,4))'", "path '[(1,2),(3,4)]'"])
def test_paths_have_no_json_in_a_record_either(fetch: Callable[..., list[Any]], value: str) -> None:
    with pytest.raises(TypeError, match=r"^no JSON for asyncpg\.pgproto\.types\.\w+, at \$\[0\]\.v$"):
        dumps(V.rows(fetch(f"SELECT {value} AS v")))


@pytest.mark.parametrize("sign", ["", "-"])
def test_an_infinite_interval_is_an_error(pack: Pack, fetch: Callable[..., list[Any]], sign: str) -> None:
    if fetch("SHOW server_version_num")[0][0] < "170000":
        pytest.skip("since Postgres 17")
    with pytest.raises(ValueError, match=rf"interval: {sign}infinity has no JSON \(byte 12\), at \$\[0\]\.v$"):
        dumps(V.rows(pack(f"SELECT '{sign}infinity'::interval")))
    with pytest.raises(OverflowError):
        fetch(f"SELECT '{sign}infinity'::interval")


def test_numerics_in_records_are_exact_and_so_are_their_zeros_but_for_whole_thousands(
    fetch: Callable[..., list[Any]],
) -> None:
    query = """SELECT v, v::text FROM (SELECT (i::numeric * 10::numeric ^ (i % 40 - 20))::numeric AS v
        FROM generate_series(-400, 400) i UNION ALL SELECT round(i * 1.5, i % 7) FROM generate_series(1, 300) i) q"""
    for number, text in fetch(query):
        written = Decimal(dumps(number).decode())
        assert written == Decimal(text)
        if "." in text:
            assert written.as_tuple() == Decimal(text).as_tuple()


def test_the_order_of_rows_is_the_order_of_the_query(runner: asyncio.Runner, connect: Callable[..., Any]) -> None:
    # Since Postgres 16 several processes can run string_agg, but not if the rows have an order.
    connection = connect()
    settings = "parallel_setup_cost = 0", "parallel_tuple_cost = 0", "min_parallel_table_scan_size = 0"
    for setting in (*settings, "max_parallel_workers_per_gather = 4"):
        runner.run(connection.execute(f"SET {setting}"))
    runner.run(
        connection.execute("CREATE TABLE IF NOT EXISTS rowjson_order AS SELECT i FROM generate_series(1, 50000) i")
    )
    try:
        runner.run(connection.execute("ANALYZE rowjson_order"))
        for shape in (None, Shape([Column("i", "int4")])):
            for query in (
                "SELECT i FROM rowjson_order ORDER BY i DESC",
                "SELECT i FROM rowjson_order ORDER BY -i LIMIT 40000",
            ):
                rows = runner.run(connection.fetchval(packed(query, shape)))
                numbers = [row["i"] for row in json.loads(dumps(Shape(["i"]).rows(rows)))]
                assert numbers == list(range(50_000, 50_000 - len(numbers), -1))
    finally:
        runner.run(connection.execute("DROP TABLE rowjson_order"))


def test_rows_are_packed_as_utf8_or_not_at_all(runner: asyncio.Runner, connect: Callable[..., Any]) -> None:
    connection = connect()
    runner.run(connection.execute("SET client_encoding = LATIN1"))
    for shape in (None, V):
        for query in ("SELECT 'Ã©'", "SELECT 1 WHERE false"):
            with pytest.raises(asyncpg.DataError, match="packed rows need client_encoding UTF8, not LATIN1"):
                runner.run(connection.fetchval(packed(query, shape)))
    # If packed did not write the query, only bytes that are not valid UTF-8 are noticed.
    rows = runner.run(connection.fetchval("SELECT record_send(ROW(chr(233)))"))
    with pytest.raises(ValueError, match="text: not UTF-8"):
        dumps(V.rows(rows))
    rows = runner.run(connection.fetchval("SELECT record_send(ROW(chr(195) || chr(169)))"))
    assert dumps(V.rows(rows)) == '[{"v":"é"}]'.encode()


@pytest.mark.parametrize("query", ["SELECT 1, 2", "SELECT 1, 2, 3, 4"])
def test_a_query_of_other_columns_than_the_shape_is_refused(pack: Pack, query: str) -> None:
    with pytest.raises(asyncpg.PostgresSyntaxError if "4" in query else asyncpg.InvalidColumnReferenceError):
        pack(query, shape=Shape(["a", Column("b", "int4"), "c"]))


@pytest.mark.usefixtures("user_types")
def test_a_shape_packs_domains_as_what_they_are_over(pack: Pack) -> None:
    shape = Shape(["a", "b", Column("c", "int4[]"), One("d", Shape(["id", "name"]))])
    query = "SELECT 5::pg_temp.stars, 'a'::pg_temp.label, '{1}'::pg_temp.stars[], (1, 'a')::pg_temp.pair"
    assert dumps(shape.rows(pack(query, shape=shape))) == b'[{"a":5,"b":"a","c":[1],"d":{"id":1,"name":"a"}}]'


@pytest.mark.parametrize(
    ("value", "declared"), [("point '(1,2)'", "json"), ("'x'::text", "json"), ("1", "text[]"), ("'a'::text", "int4[]")]
)
def test_what_postgres_cannot_cast_is_its_error(pack: Pack, value: str, declared: str) -> None:
    with pytest.raises(asyncpg.PostgresError):
        pack(f"SELECT {value}", shape=Shape([Column("v", declared)]))
