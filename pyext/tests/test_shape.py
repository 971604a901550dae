"""Shapes: their objects, and declarations that contradict themselves."""

import copy
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest
from rowjson import Column, Group, Many, Nest, Nullable, One, Shape, dumps

Fetch = Callable[..., list[Any]]
Pack = Callable[..., bytes | None]

PAIR = Shape(["id", "name"])
ID = Shape(["id"])


def test_without_a_document_each_column_is_a_member(same: Callable[..., bytes]) -> None:
    assert (
        same(PAIR, "SELECT * FROM (VALUES (1, 'é'), (2, NULL)) t (id, name)")
        == '[{"id":1,"name":"é"},{"id":2,"name":null}]'.encode()
    )


def test_members_are_renamed_picked_and_put_in_order(same: Callable[..., bytes]) -> None:
    shape = Shape(["a", "b", "c"], {"z": "c", "twice": "a", "a": "a"})
    assert same(shape, "SELECT 1 AS a, 2 AS b, 3 AS c") == b'[{"z":3,"twice":1,"a":1}]'


def test_objects_are_made_of_columns(same: Callable[..., bytes]) -> None:
    shape = Shape(["a", "b"], {"outer": {"a": "a", "inner": {"b": "b"}}, "b": "b"})
    assert same(shape, "SELECT 1 AS a, 2 AS b") == b'[{"outer":{"a":1,"inner":{"b":2}},"b":2}]'


def test_a_nullable_is_null_where_its_column_is(same: Callable[..., bytes]) -> None:
    shape = Shape(["id", "team_id", "team"], {"id": "id", "team": Nullable("team_id", {"name": "team"})})
    query = "SELECT * FROM (VALUES (1, 5, 'x'), (2, NULL, 'y'), (3, 6, NULL)) t (id, team_id, team)"
    assert same(shape, query) == (b'[{"id":1,"team":{"name":"x"}},{"id":2,"team":null},{"id":3,"team":{"name":null}}]')


def test_a_mapping_of_any_kind_is_a_document() -> None:
    shape = Shape(("a",), MappingProxyType({"x": MappingProxyType({"y": "a"})}))
    assert dumps(shape.rows([(1,)])) == b'[{"x":{"y":1}}]'


def test_columns_may_come_from_anything_that_iterates() -> None:
    assert dumps(Shape(["a", "b"]).row((1, 2))) == dumps(Shape(dict.fromkeys("ab")).row((1, 2)))  # type: ignore[arg-type] # a dict's keys do


@pytest.mark.parametrize("name", ["", "a b", '"', "é", "n" * 31, "n" * 32, "n" * 100])
def test_any_name_may_be_a_member(name: str) -> None:
    shape = Shape(["a"], {name: "a", f"{name}2": {name: "a"}})
    assert json.loads(dumps(shape.row((1,)))) == {name: 1, f"{name}2": {name: 1}}


def test_a_shape_stands_wherever_a_value_does() -> None:
    rows = ID.rows([(1,), (2,)])
    expected = b'[{"id":1},{"id":2}]'
    assert dumps([rows, {"a": rows}, (rows,)]) == b"[" + expected + b',{"a":' + expected + b"},[" + expected + b"]]"
    assert dumps({1}, default=lambda _: rows) == expected
    assert dumps(ID.rows([(rows,)])) == b'[{"id":' + expected + b"}]"


@pytest.mark.parametrize(
    ("columns", "document", "group_by", "message"),
    [
        ([], None, None, "a shape without columns"),
        (["a", "a"], None, None, 'the column "a" is there twice'),
        (["a"], {}, None, "an object without members"),
        (["a"], {"x": {}}, None, "an object without members"),
        (["a", "b"], {"x": "c"}, None, 'no column "c" among a, b'),
        (["a"], {"x": Nullable("c", {"a": "a"})}, None, 'no column "c" among a'),
        (["a"], {"x": Nullable("a", {"a": "c"})}, None, 'no column "c" among a'),
        (["a"], {"x": "a"}, "c", 'no column "c" among a'),
        (["a"], {"x": Nest("n", ID, key="c", parent="a")}, None, 'no column "c" among id'),
        (["a"], {"x": Nest("n", ID, key="id", parent="c")}, None, 'no column "c" among a'),
        (["a"], {"x": Nest("n", ID), "y": Nest("n", ID)}, None, 'the Nest of rows "n" is there twice'),
        (["a"], {"x": Group("a", {"a": "a"})}, None, "a Group needs the shape's group_by"),
        (["a"], {"x": "a"}, "a", "group_by needs a Group in the document"),
        (["a"], {"x": Group("a", {"y": Group("a", {"a": "a"})})}, "a", "a Group in a Group: nest one of them"),
        (["a"], {"x": Group("a", {"a": "a"}), "y": Group("a", {"a": "a"})}, "a", "two Groups in one document"),
        (["a"], None, "a", "group_by needs a Group in the document"),
    ],
)
def test_a_contradiction_is_refused(columns: Any, document: Any, group_by: str | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Shape(columns, document, group_by=group_by)


@pytest.mark.parametrize(
    ("columns", "document", "message"),
    [
        ("ab", None, "columns must be a sequence of names, not str"),
        ([1], None, "a column is a str, a Column, a One or a Many, not int"),
        (["a"], "a", "a document is a mapping of its members, not str"),
        (["a"], {1: "a"}, "a member's name is a str, not int"),
        (["a"], {"x": 1}, "a member is a column's name, a mapping, a Nullable, a Nest or a Group, not int"),
        (["a"], {"x": ["a"]}, "a member is a column's name, a mapping, a Nullable, a Nest or a Group, not list"),
    ],
)
def test_a_declaration_of_other_things_is_refused(columns: Any, document: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}$"):
        Shape(columns, document)


def test_a_nest_needs_both_keys_or_none() -> None:
    for keys in ({"key": "id"}, {"parent": "id"}):
        with pytest.raises(ValueError, match="a Nest needs both key and parent, or neither"):
            Nest("n", ID, **keys)


@pytest.mark.parametrize("name", ["integer", "TEXT", "int4[][]", "[]", "", "point", "record"])
def test_a_column_of_no_built_in_type_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"is no built-in type that has a JSON$"):
        Column("a", name)


def test_a_document_that_contains_itself_is_refused() -> None:
    program = """
import rowjson
document = {}
document["a"] = document
try:
    rowjson.Shape(["a"], document)
except (ValueError, RecursionError):
    print("refused")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "refused\n"


def test_shapes_in_shapes_have_an_end() -> None:
    program = """
import rowjson
try:
    shape = rowjson.Shape(["a"])
    for _ in range(200_000):
        shape = rowjson.Shape([rowjson.One("a", shape)])
    del shape
except (ValueError, RecursionError):
    pass
print("survived")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "survived\n"


def test_objects_and_shapes_in_one_another_count_together() -> None:
    def deep(member: str, levels: int) -> dict[str, Any]:
        document: dict[str, Any] = {"a": member}
        for _ in range(levels - 1):
            document = {"a": document}
        return document

    inner = Shape(["id"], deep("id", 200))
    assert dumps(Shape([One("one", inner)], deep("one", 54)).row((None,))).count(b"{") == 54
    with pytest.raises(ValueError, match=r"^a document nested deeper than 254 levels$"):
        Shape([One("one", inner)], deep("one", 55))


def test_declarations_in_one_another_count_together() -> None:
    document: Any = "id"
    for _ in range(254):
        document = Nullable("id", {"a": document})
    with pytest.raises(ValueError, match=r"^a document nested deeper than 254 levels"):
        Nullable("id", {"a": document})


def test_a_shape_counts_where_it_stands() -> None:
    shape = Shape(["id"], {"a": {"b": {"c": "id"}}})
    value: Any = shape.row((1,))
    for _ in range(251):
        value = [value]
    assert dumps(value).count(b"[") == 251
    with pytest.raises(TypeError, match="nested deeper than 254 levels"):
        dumps([value])


def test_a_copy_of_a_shape_is_the_shape_and_none_is_pickled() -> None:
    assert copy.copy(ID) is copy.deepcopy(ID) is copy.deepcopy({"a": [ID]})["a"][0] is ID
    with pytest.raises(TypeError, match=r"cannot pickle 'rowjson\.Shape' object"):
        pickle.dumps(ID)


@pytest.mark.parametrize("type_", ["float8", "json", "numeric", "timestamptz", "bytea", "int4[]"])
def test_what_never_matches_is_no_key(type_: str) -> None:
    keyed = Shape([Column("id", type_)])
    message = f'rows cannot be matched by "id", which is {type_}'.replace("[", r"\[")
    with pytest.raises(ValueError, match=message):
        Shape(["id"], {"n": Nest("n", keyed, key="id", parent="id")})
    with pytest.raises(ValueError, match=message):
        Shape([Column("id", type_)], {"n": Nest("n", ID, key="id", parent="id")})
    with pytest.raises(ValueError, match=message):
        Shape([Column("id", type_)], {"n": Group("id", {"id": "id"})}, group_by="id")


def test_rows_are_no_key() -> None:
    for column, what in ((One("id", ID), "a row"), (Many("id", ID), "rows")):
        with pytest.raises(ValueError, match=f'^rows cannot be matched by "id", which is {what}$'):
            Shape([column], {"n": Nest("n", ID, key="id", parent="id")})


def test_keys_that_are_declared_agree() -> None:
    text, number = (Shape([Column("id", type_)]) for type_ in ("text", "int4"))
    with pytest.raises(ValueError, match=r'^"id" is text and "id" is int4: never equal$'):
        Shape([Column("id", "int4")], {"n": Nest("n", text, key="id", parent="id")})
    for type_, other in (("bool", number), ("uuid", text)):
        shape = Shape([Column("id", type_)], {"n": Nest("n", other, key="id", parent="id")})
        assert dumps(shape.rows([], n=[])) == b"[]"
