"""Columns that hold rows: One and Many."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from rowjson import Many, One, Shape, dumps

Fetch = Callable[..., list[Any]]
Pack = Callable[..., bytes | None]

PAIR = Shape(["id", "name"])
ID = Shape(["id"])


def test_one_is_a_row_in_a_row(same: Callable[..., bytes]) -> None:
    shape = Shape(["id", One("team", PAIR)], {"team": "team", "id": "id"})
    query = "SELECT i AS id, CASE i WHEN 1 THEN (7, 'x'::text) END AS team FROM generate_series(1, 2) i"
    assert same(shape, query) == b'[{"team":{"id":7,"name":"x"},"id":1},{"team":null,"id":2}]'


def test_many_are_rows_in_a_row(same: Callable[..., bytes]) -> None:
    shape = Shape(["id", Many("notes", PAIR)])
    query = (
        """SELECT id, notes FROM (VALUES (1, ARRAY[(1, 'a'::text), (2, NULL)]), (2, NULL), (3, '{}')) t (id, notes)"""
    )
    assert same(shape, query) == (
        b'[{"id":1,"notes":[{"id":1,"name":"a"},{"id":2,"name":null}]},{"id":2,"notes":[]},{"id":3,"notes":[]}]'
    )


def test_rows_of_a_table_are_composites(same: Callable[..., bytes]) -> None:
    shape = Shape([One("session", Shape(["key", "user_id", "expires_at"]))])
    written = same(shape, "SELECT s AS session FROM sessions s ORDER BY key LIMIT 3")
    assert [list(row["session"]) for row in json.loads(written)] == [["key", "user_id", "expires_at"]] * 3


def test_many_in_many(same: Callable[..., bytes]) -> None:
    inner = Shape(["n", Many("deep", ID)])
    shape = Shape([Many("outer", inner)], {"all": "outer", "again": "outer"})
    query = 'SELECT ARRAY[(1, ARRAY[ROW(2), ROW(3)]), (4, ARRAY[]::record[])] AS "outer"'
    outer = b'[{"n":1,"deep":[{"id":2},{"id":3}]},{"n":4,"deep":[]}]'
    assert same(shape, query) == b'[{"all":' + outer + b',"again":' + outer + b"}]"


def test_what_holds_no_rows_is_refused() -> None:
    shape = Shape([One("one", ID), Many("many", ID)])
    with pytest.raises(TypeError, match=r"^a row must be a Record, a tuple or a list, not int, at \$\[0\]\.one$"):
        dumps(shape.rows([(1, [])]))
    with pytest.raises(TypeError, match=r"^rows must be a list or tuple of rows, or bytes .*, not dict, at \$\.many$"):
        dumps(shape.row((None, {})))


def test_a_packed_value_that_holds_no_rows_is_refused(pack: Pack) -> None:
    for shape in (Shape([One("a", ID)]), Shape([Many("a", ID)])):
        with pytest.raises(
            ValueError, match=r"a value of type OID 23, where the shape has rows \(byte 12\), at \$\[0\]\.a"
        ):
            dumps(shape.rows(pack("SELECT 1 AS a")))
