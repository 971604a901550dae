"""Rows of every kind are read by their shape, and others are refused."""

import json
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from rowjson import Shape, dumps

Fetch = Callable[..., list[Any]]
Pack = Callable[..., bytes | None]

PAIR = Shape(["id", "name"])
ID = Shape(["id"])


def test_a_row_of_another_width_is_refused(fetch: Fetch, pack: Pack) -> None:
    wrong: list[Any] = [(1,), (1, 2, 3), [], ()]
    for row in wrong:
        message = rf"^a row of {len(row)} values, where the shape has 2 columns: id, name, at \$"
        with pytest.raises(ValueError, match=message):
            dumps(PAIR.rows([(1, 2), row]))
    with pytest.raises(
        ValueError, match=r"a row of 1 values, where the shape has 2 columns: id, name \(byte 0\), at \$"
    ):
        dumps(PAIR.rows(pack("SELECT 1")))
    with pytest.raises(ValueError, match="a row of 0 values"):
        dumps(PAIR.rows(pack("SELECT")))
    with pytest.raises(ValueError, match="a row's keys are not the shape's columns: id instead of id, name"):
        dumps(PAIR.rows(fetch("SELECT 1 AS id")))


@pytest.mark.parametrize("query", ["SELECT 1 AS name, 2 AS id", "SELECT 1 AS id, 2 AS nam", "SELECT 1 AS id, 2 AS id"])
def test_a_record_with_other_keys_is_refused(fetch: Fetch, query: str) -> None:
    class New(asyncpg.Record):
        pass

    good = fetch("SELECT 1 AS id, 2 AS name")
    for bad in (fetch(query), fetch(query, record_class=New)):
        keys = ", ".join(bad[0].keys())
        with pytest.raises(ValueError, match=f"^a row's keys are not the shape's columns: {keys} instead of id, name"):
            dumps(PAIR.rows([*good, *bad, *good]))


def test_what_is_no_row_is_refused(fetch: Fetch) -> None:
    for row in (1, "ab", {"id": 1, "name": 2}, None, {1, 2}):
        with pytest.raises(
            TypeError, match=rf"^a row must be a Record, a tuple or a list, not {type(row).__name__}, at \$"
        ):
            dumps(PAIR.rows([row]))  # type: ignore[list-item] # what this is about
    (record,) = fetch("SELECT 1 AS id, 2 AS name")
    wrong: list[Any] = [1, "ab", {}, iter([]), record]
    for rows in wrong:
        with pytest.raises(
            TypeError, match=r"^rows must be a list or tuple of rows, or bytes as Postgres packs them, not "
        ):
            dumps(PAIR.rows(rows))


def test_one_row_is_an_object(fetch: Fetch, pack: Pack) -> None:
    (record,) = fetch("SELECT 1 AS id, 'a' AS name")
    same: list[Any] = [record, (1, "a"), [1, "a"], pack("SELECT 1 AS id, 'a' AS name")]
    for row in same:
        assert dumps(PAIR.row(row)) == b'{"id":1,"name":"a"}'


def test_no_rows_are_an_empty_array(fetch: Fetch, pack: Pack) -> None:
    assert pack("SELECT 1 WHERE false") is None
    none: list[Any] = [[], (), b"", bytearray(), memoryview(b""), None, fetch("SELECT 1 AS id WHERE false")]
    for rows in none:
        assert dumps(ID.rows(rows)) == b"[]"


def test_one_row_must_be_there(pack: Pack) -> None:
    with pytest.raises(ValueError, match=r"^no row to write: None, as a query without rows gives$"):
        ID.row(None)  # type: ignore[arg-type]  # what this is about
    with pytest.raises(ValueError, match=r"no row, where there should be one.*, at \$\.a$"):
        dumps({"a": ID.row(b"")})
    with pytest.raises(ValueError, match=r"2 rows, where there should be one"):
        dumps(ID.row(pack("VALUES (1), (2)") or b""))


def test_cells_hold_what_dumps_takes() -> None:
    row = ({"a": [1, None]}, b"\xff")
    assert dumps(PAIR.row(row)) == b'{"id":{"a":[1,null]},"name":"/w=="}'
    assert dumps(PAIR.row(row), bytes="hex") == b'{"id":{"a":[1,null]},"name":"ff"}'
    assert dumps(PAIR.rows([({1}, 2)]), default=len) == b'[{"id":1,"name":2}]'


def test_bytes_is_an_option_for_packed_rows_too(pack: Pack) -> None:
    rows = pack("SELECT '\\xff00'::bytea")
    assert dumps(ID.rows(rows)) == b'[{"id":"/wA="}]'
    assert dumps(ID.rows(rows), bytes="hex") == b'[{"id":"ff00"}]'


def test_rows_may_be_of_several_kinds(fetch: Fetch) -> None:
    class WithAttributes(asyncpg.Record):
        pass

    query = "SELECT 1 AS id, 'a' AS name"
    rows = [*fetch(query), (2, "b"), *fetch(query, record_class=WithAttributes), [3, "c"], *fetch(query)]
    assert [row["id"] for row in json.loads(dumps(PAIR.rows(rows)))] == [1, 2, 1, 3, 1]


def test_a_list_of_rows_is_read_when_it_is_written() -> None:
    rows: list[Any] = [(1,)]
    shaped = ID.rows(rows)
    rows.append([2])
    assert dumps(shaped) == b'[{"id":1},{"id":2}]'
    assert dumps(shaped) == dumps(shaped)


def test_rows_that_change_while_they_are_written_are_those_of_the_beginning() -> None:
    rows: list[Any] = [[{1}], ["x" * 50]]

    def default(_: Any) -> int:
        rows[1].clear()
        rows.clear()
        return 1

    assert dumps(ID.rows(rows), default=default) == b'[{"id":1},{"id":"' + b"x" * 50 + b'"}]'


def test_the_path_leads_to_the_row_that_is_wrong(pack: Pack) -> None:
    for rows in ([(1, 2), (3,)], (pack("SELECT 1, 2") or b"") + (pack("SELECT 3") or b"")):
        with pytest.raises(ValueError, match=r", at \$\.all\[1\]$"):
            dumps({"all": PAIR.rows(rows)})
