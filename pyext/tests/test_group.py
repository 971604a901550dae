"""Consecutive rows that make one object."""

from collections.abc import Callable
from typing import Any

import pytest
from rowjson import Group, Nest, Shape, dumps

Fetch = Callable[..., list[Any]]
Pack = Callable[..., bytes | None]

PAIR = Shape(["id", "name"])
ID = Shape(["id"])


GROUPS = Shape(
    ["id", "name", "note_id", "text"],
    {"id": "id", "notes": Group("note_id", {"id": "note_id", "text": "text"}), "name": "name"},
    group_by="id",
)


def test_a_group_is_one_object_of_several_rows(same: Callable[..., bytes]) -> None:
    query = """SELECT * FROM (VALUES (1, 'a', 10, 'x'), (1, 'b', 11, NULL), (2, 'c', NULL, NULL), (3, 'd', 12, 'z'))
        t (id, name, note_id, text)"""
    assert same(GROUPS, query) == (
        b'[{"id":1,"notes":[{"id":10,"text":"x"},{"id":11,"text":null}],"name":"a"},'
        b'{"id":2,"notes":[],"name":"c"},{"id":3,"notes":[{"id":12,"text":"z"}],"name":"d"}]'
    )


def test_only_consecutive_rows_are_a_group(same: Callable[..., bytes]) -> None:
    shape = Shape(["id", "n"], {"id": "id", "all": Group("n", {"n": "n"})}, group_by="id")
    query = "SELECT * FROM (VALUES (1, 1), (2, 2), (1, 3), (NULL, 4), (NULL, 5)) t (id, n)"
    assert same(shape, query) == (
        b'[{"id":1,"all":[{"n":1}]},{"id":2,"all":[{"n":2}]},{"id":1,"all":[{"n":3}]},'
        b'{"id":null,"all":[{"n":4},{"n":5}]}]'
    )


def test_a_left_join_is_a_group(same: Callable[..., bytes]) -> None:
    shape = Shape(["id", "child"], {"id": "id", "children": Group("child", {"child": "child"})}, group_by="id")
    query = """SELECT p AS id, c AS child FROM generate_series(1, 3) p
        LEFT JOIN (VALUES (1, 7), (1, 8), (3, 9)) t (parent, c) ON parent = p ORDER BY p, c"""
    assert same(shape, query) == (
        b'[{"id":1,"children":[{"child":7},{"child":8}]},{"id":2,"children":[]},{"id":3,"children":[{"child":9}]}]'
    )


def test_one_row_of_groups_is_one_group(pack: Pack) -> None:
    one = "SELECT 1, 'a', i, 'x' FROM generate_series(1, 2) i"
    assert dumps(GROUPS.row(pack(one) or b"")) == (
        b'{"id":1,"notes":[{"id":1,"text":"x"},{"id":2,"text":"x"}],"name":"a"}'
    )
    assert dumps(GROUPS.row((1, "a", None, None))) == b'{"id":1,"notes":[],"name":"a"}'
    with pytest.raises(ValueError, match="rows of several groups, where there should be one"):
        dumps(GROUPS.row(pack("SELECT i, 'a', i, 'x' FROM generate_series(1, 2) i") or b""))


def test_a_group_in_an_object(same: Callable[..., bytes]) -> None:
    shape = Shape(["id", "n"], {"in": {"all": Group("n", {"n": {"n": "n"}})}}, group_by="id")
    assert same(shape, "SELECT 1 AS id, i AS n FROM generate_series(1, 2) i") == (
        b'[{"in":{"all":[{"n":{"n":1}},{"n":{"n":2}}]}}]'
    )


def test_groups_may_be_nested_rows(same: Callable[..., bytes]) -> None:
    child = Shape(["id", "parent", "n"], {"id": "id", "all": Group("n", {"n": "n"})}, group_by="id")
    shape = Shape(["id"], {"children": Nest("c", child, key="parent", parent="id")})
    rows = "SELECT * FROM (VALUES (5, 1, 1), (5, 1, 2), (6, 1, 3), (7, 2, 4)) t (id, parent, n)"
    assert same(shape, "SELECT 1 AS id", c=rows) == (
        b'[{"children":[{"id":5,"all":[{"n":1},{"n":2}]},{"id":6,"all":[{"n":3}]}]}]'
    )
