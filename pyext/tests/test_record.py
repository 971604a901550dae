"""asyncpg's records as objects."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from asyncpg.protocol.record import RecordDescriptor
from rowjson import Shape, dumps

Fetch = Callable[..., list[Any]]


class WithAttributes(asyncpg.Record):
    """The recipe from asyncpg's documentation. Its instances have a `__dict__`, so that their layout differs."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


class WithSlots(asyncpg.Record):
    __slots__ = ()


class WithOtherKeys(asyncpg.Record):
    """Not intended by asyncpg, but allowed by its interface."""

    def keys(self) -> Any:
        return map(str.upper, super().keys())


RECORD_CLASSES = [asyncpg.Record, WithAttributes, WithSlots]


def test_records_are_objects(fetch: Fetch) -> None:
    records = fetch("SELECT i AS id, 'é' || i AS name, i = 1 AS first FROM generate_series(1, 2) i")
    assert dumps(records) == '[{"id":1,"name":"é1","first":true},{"id":2,"name":"é2","first":false}]'.encode()
    assert dumps(records[0]) == '{"id":1,"name":"é1","first":true}'.encode()
    assert dumps(tuple(records)) == dumps(records)


@pytest.mark.parametrize("record_class", RECORD_CLASSES)
def test_a_record_is_what_dict_makes_of_it(fetch: Fetch, record_class: type[asyncpg.Record]) -> None:
    records = fetch("SELECT * FROM recipes ORDER BY id LIMIT 20", record_class=record_class)
    assert dumps(records) == dumps([dict(record) for record in records])
    assert [dumps(record) for record in records] == [dumps(dict(record)) for record in records]


def test_rows_of_different_queries_in_one_list_stay_correct(fetch: Fetch) -> None:
    queries = [f"SELECT {number} AS k{number}, '{number}' AS \"v {number}\", NULL AS n" for number in range(400)]
    records = [fetch(query)[0] for query in queries]
    for order in (records, records[::-1], records[::7] * 3):
        assert dumps(order) == dumps([dict(record) for record in order])


def test_record_classes_may_be_mixed(fetch: Fetch) -> None:
    query = "SELECT i AS a, -i AS b FROM generate_series(1, 3) i"
    records = [record for kind in RECORD_CLASSES for record in fetch(query, record_class=kind)]
    mixed = [*records[::4], *records[1::4], *records[2::4], *records]
    assert dumps(mixed) == dumps([dict(record) for record in mixed])


def test_of_columns_with_one_name_the_last_counts(fetch: Fetch) -> None:
    (record,) = fetch("SELECT 1 AS id, 2 AS name, 3 AS id, 4 AS id")
    assert dumps(record) == dumps(dict(record)) == b'{"id":4,"name":2}'
    assert dumps(fetch("SELECT 1, 2")) == b'[{"?column?":2}]'


@pytest.mark.parametrize("record_class", RECORD_CLASSES)
def test_a_record_without_columns_is_an_empty_object(fetch: Fetch, record_class: type[asyncpg.Record]) -> None:
    empty = fetch("SELECT FROM generate_series(1, 2)", record_class=record_class)
    assert dumps(empty) == b"[{},{}]"
    full = fetch("SELECT 1 AS a", record_class=record_class)
    assert dumps([*empty, *full, *empty, *full]) == b'[{},{},{"a":1},{},{},{"a":1}]'


def test_an_empty_record_does_not_show_where_values_are_and_the_next_one_may(fetch: Fetch) -> None:
    for query, first in (("SELECT", b"{}"), ("SELECT 1 AS a, 2 AS b", b'{"a":1,"b":2}')):

        class New(asyncpg.Record):
            pass

        records = [*fetch(query, record_class=New), *fetch("SELECT", record_class=New)]
        records += fetch("SELECT 'x' AS c, NULL AS d", record_class=New)
        assert dumps(records) == b"[" + first + b',{},{"c":"x","d":null}]'


def test_a_record_class_with_attributes_of_its_own(fetch: Fetch) -> None:
    (record,) = fetch("SELECT 1 AS a, 2 AS b", record_class=WithAttributes)
    record.more = "not a column"
    assert record.a == 1
    assert dumps([record, record]) == b'[{"a":1,"b":2},{"a":1,"b":2}]'


def test_keys_that_a_record_class_makes_up_are_its_keys(fetch: Fetch) -> None:
    records = fetch("SELECT 1 AS a, 2 AS b", record_class=WithOtherKeys)
    assert dumps(records) == b'[{"A":1,"B":2}]'


@pytest.mark.parametrize("name", ["", "a b", 'a"b', "a\\b", "\n", "é漢😀", "n" * 31, "n" * 32, "n" * 60])
def test_any_name_may_be_a_key(fetch: Fetch, name: str) -> None:
    # Postgres has no empty names, and cuts long ones.
    column = '"' + (name or "x").replace('"', '""') + '"'
    records = fetch(f"SELECT 1 AS {column}, 2 AS z, 3 AS {column}")
    assert json.loads(dumps(records)) == [dict(records[0])]


def test_records_stand_wherever_values_do(fetch: Fetch) -> None:
    first, second = fetch("SELECT i AS id FROM generate_series(1, 2) i")
    assert dumps({"one": first, "all": [first, (second,)], "n": None}) == (
        b'{"one":{"id":1},"all":[{"id":1},[{"id":2}]],"n":null}'
    )


def test_rows_in_rows_are_objects_where_asyncpg_knows_their_names(fetch: Fetch) -> None:
    (record,) = fetch("SELECT 1 AS id, u AS owner, ARRAY[u, NULL] AS owners FROM users u ORDER BY u.id LIMIT 1")
    assert json.loads(dumps(record)) == json.loads(
        dumps({"id": 1, "owner": dict(record["owner"]), "owners": [dict(record["owner"]), None]})
    )
    assert b'"owner":{"id":' in dumps(record)


def test_a_row_without_names_is_an_array(fetch: Fetch) -> None:
    """To asyncpg it is a tuple."""
    assert dumps(fetch("SELECT (1, 'a'::text) AS pair, ARRAY[(2, NULL::text)] AS pairs")) == (
        b'[{"pair":[1,"a"],"pairs":[[2,null]]}]'
    )


def test_a_value_of_each_type(fetch: Fetch) -> None:
    """As asyncpg decodes them: a float4 becomes a float, an interval loses its months, "char" is bytes."""
    (record,) = fetch(
        """SELECT true AS bool, 1::int2, 2::int4, 3::int8, 0.5::float4, 0.1::float8, 1.10::numeric,
        'NaN'::numeric AS nan, 'a'::text, 'b'::varchar, 'c'::char(2) AS bpchar, 'd'::name, 'e'::"char" AS "char",
        '\\x00ff'::bytea,
        '00112233-4455-6677-8899-aabbccddeeff'::uuid, '2024-01-31'::date, '12:34:56'::time, '12:34:56+02'::timetz,
        '2024-01-31 12:34:56.5'::timestamp, '2024-01-31 12:34:56+01'::timestamptz, '1 mon 2 days 3:00'::interval,
        '{"a": 1}'::json, '[1]'::jsonb, '10.0.0.1'::inet, '10.0.0.1/8'::inet AS inet8, '10.0.0.0/8'::cidr,
        B'0101' AS bit, B'1'::varbit, '{{1,NULL},{3,4}}'::int4[] AS array, '{}'::text[] AS empty,
        '[1,10)'::int4range, 'empty'::int8range, '[1.5,]'::numrange, '(,2024-01-31)'::daterange,
        '{[1,2),[5,6)}'::int4multirange, '1 2'::int2vector, '00:11:22:33:44:55'::macaddr,
        NULL::int4 AS null"""
    )
    expected = {
        "bool": True,
        "int2": 1,
        "int4": 2,
        "int8": 3,
        "float4": Decimal("0.5"),
        "float8": Decimal("0.1"),
        "numeric": Decimal("1.10"),
        "nan": None,
        "text": "a",
        "varchar": "b",
        "bpchar": "c ",
        "name": "d",
        "char": "ZQ==",
        "bytea": "AP8=",
        "uuid": "00112233-4455-6677-8899-aabbccddeeff",
        "date": "2024-01-31",
        "time": "12:34:56",
        "timetz": "12:34:56+02:00",
        "timestamp": "2024-01-31T12:34:56.500000",
        "timestamptz": "2024-01-31T11:34:56Z",
        "interval": "P32DT3H",
        "json": '{"a": 1}',
        "jsonb": "[1]",
        "inet": "10.0.0.1",
        "inet8": "10.0.0.1/8",
        "cidr": "10.0.0.0/8",
        "bit": "0101",
        "varbit": "1",
        "array": [[1, None], [3, 4]],
        "empty": [],
        "int4range": {"lower": 1, "upper": 10, "bounds": "[)"},
        "int8range": {"empty": True},
        "numrange": {"lower": Decimal("1.5"), "upper": None, "bounds": "[)"},
        "daterange": {"lower": None, "upper": "2024-01-31", "bounds": "()"},
        "int4multirange": [{"lower": 1, "upper": 2, "bounds": "[)"}, {"lower": 5, "upper": 6, "bounds": "[)"}],
        "int2vector": [1, 2],
        "macaddr": "00:11:22:33:44:55",
        "null": None,
    }
    assert json.loads(dumps(record), parse_float=Decimal) == expected


def test_a_value_without_json_is_named_with_its_path(fetch: Fetch) -> None:
    records = fetch("SELECT i AS id, '((0,0),(1,1))'::path AS \"the path\" FROM generate_series(1, 2) i")
    with pytest.raises(TypeError, match=r'^no JSON for asyncpg\.pgproto\.types\.Path, at \$\.all\[0\]\["the path"\]$'):
        dumps({"all": records})
    assert dumps(records[0], default=lambda path: [list(point) for point in path]) == (
        b'{"id":1,"the path":[[0.0,0.0],[1.0,1.0]]}'
    )


def test_infinite_times_are_the_first_and_last_that_python_has(fetch: Fetch) -> None:
    """As asyncpg decodes them."""
    (record,) = fetch("SELECT 'infinity'::date AS d, '-infinity'::timestamp AS t")
    assert dumps(record) == b'{"d":"9999-12-31","t":"0001-01-01T00:00:00"}'


def test_the_default_hook_may_return_records(fetch: Fetch) -> None:
    rows = fetch("SELECT i AS id FROM generate_series(1, 3) i")
    assert dumps([{1}, {2}], default=lambda value: rows[min(value)]) == b'[{"id":2},{"id":3}]'


def test_a_record_may_disappear_while_it_is_encoded(fetch_uncached: Callable[[str], list[Any]]) -> None:
    values = fetch_uncached("SELECT '((0,0))'::path AS p, repeat('long ', 20) AS t")
    values.append("more")

    def default(_: Any) -> int:
        values.clear()
        return 1

    assert dumps(values, default=default) == b'[{"p":1,"t":"' + b"long " * 20 + b'"}]'


def test_records_go_through_many_statements(fetch_uncached: Callable[[str], list[Any]]) -> None:
    for number in range(600):
        assert dumps(fetch_uncached(f"SELECT {number} AS k{number}")) == f'[{{"k{number}":{number}}}]'.encode()


def test_times_of_another_zone_are_utc(fetch: Fetch) -> None:
    (record,) = fetch("SELECT $1::timestamptz AS at", datetime(2024, 1, 1, tzinfo=UTC))
    assert dumps(record) == b'{"at":"2024-01-01T00:00:00Z"}'


def new_record(*keys: str) -> asyncpg.Record:
    """A record with its own descriptor, with these keys and without values."""
    described = RecordDescriptor(dict.fromkeys(keys, 0), keys)  # type: ignore[call-arg] # the stub knows no arguments
    return described.make_record(asyncpg.Record, 0)


def test_a_descriptor_at_the_address_of_another_has_its_own_keys(fetch_uncached: Callable[[str], list[Any]]) -> None:
    class First:
        pass

    class Second:
        pass

    for number in range(20):
        others = [new_record() for _ in range(300)]

        def default(value: Any, number: int = number, others: list[Any] = others) -> Any:
            if isinstance(value, First):
                return fetch_uncached(f"SELECT 1 AS a{number}")[0]
            # More descriptors than are remembered, so that the first is forgotten and freed.
            dumps(others)
            return new_record()

        assert dumps([First(), Second()], default=default) == f'[{{"a{number}":1}},{{}}]'.encode()


def test_a_record_with_fewer_values_than_keys_is_an_error() -> None:
    """Only code that builds records itself can make one. dict() raises IndexError for it."""
    record = new_record("a")
    with pytest.raises((IndexError, TypeError, ValueError)):
        dumps([record])


def test_a_record_class_does_not_change_its_values(runner: asyncio.Runner, connection: Any) -> None:
    class Loud(asyncpg.Record):
        def __getitem__(self, key: Any) -> Any:
            return str(super().__getitem__(key)).upper()

    (record,) = runner.run(connection.fetch("SELECT 'a' AS v", record_class=Loud))
    assert record["v"] == "A"
    assert dumps(record) == dumps(Shape(["v"]).row(record)) == b'{"v":"a"}'
