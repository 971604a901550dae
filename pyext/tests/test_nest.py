"""The rows of other queries, nested by their key."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from rowjson import Column, Group, Many, Nest, Nullable, Shape, dumps

Fetch = Callable[..., list[Any]]
Pack = Callable[..., bytes | None]

PAIR = Shape(["id", "name"])
ID = Shape(["id"])


def test_nested_rows_are_found_by_their_key(same: Callable[..., bytes]) -> None:
    note = Shape(["recipe_id", "text"], {"text": "text"})
    shape = Shape(["id"], {"id": "id", "notes": Nest("notes", note, key="recipe_id", parent="id")})
    parents = "SELECT i AS id FROM generate_series(1, 4) i"
    sorted_rows = "SELECT * FROM (VALUES (1, 'a'), (1, 'b'), (3, 'c'), (9, 'x')) t (recipe_id, text)"
    expected = (
        b'[{"id":1,"notes":[{"text":"a"},{"text":"b"}]},{"id":2,"notes":[]},'
        b'{"id":3,"notes":[{"text":"c"}]},{"id":4,"notes":[]}]'
    )
    assert same(shape, parents, notes=sorted_rows) == expected
    unsorted_rows = "SELECT * FROM (VALUES (3, 'c'), (9, 'x'), (1, 'a'), (NULL, '?'), (1, 'b')) t (recipe_id, text)"
    assert same(shape, parents, notes=unsorted_rows) == expected
    none = "SELECT 1 AS recipe_id, 'a' AS text WHERE false"
    assert (
        same(shape, parents, notes=none)
        == b'[{"id":1,"notes":[]},{"id":2,"notes":[]},{"id":3,"notes":[]},{"id":4,"notes":[]}]'
    )


def test_rows_with_one_key_keep_their_order(same: Callable[..., bytes]) -> None:
    shape = Shape(["id"], {"all": Nest("all", Shape(["key", "n"], {"n": "n"}), key="key", parent="id")})
    query = "SELECT (i * 7) % 3 AS key, i AS n FROM generate_series(1, 200) i"
    written = json.loads(same(shape, "SELECT i AS id FROM generate_series(0, 2) i", all=query))
    for rows in written:
        numbers = [row["n"] for row in rows["all"]]
        assert numbers == sorted(numbers)
    assert sum(len(rows["all"]) for rows in written) == 200


def test_null_matches_nothing(same: Callable[..., bytes]) -> None:
    shape = Shape(["id"], {"id": "id", "n": Nest("n", Shape(["key"]), key="key", parent="id")})
    parents = "SELECT * FROM (VALUES (NULL::int), (1)) t (id)"
    assert same(shape, parents, n="SELECT * FROM (VALUES (NULL::int), (1), (NULL)) t (key)") == (
        b'[{"id":null,"n":[]},{"id":1,"n":[{"key":1}]}]'
    )


@pytest.mark.parametrize(
    ("type_", "keys"),
    [
        ("text", ["", "a", "é", "b", "aa"]),
        ("uuid", [str(UUID(int=number)) for number in (5, 1, 2**127, 3)]),
        ("int2", ["5", "-1", "32767"]),
        ("int8", ["9223372036854775807", "-9223372036854775808", "0"]),
        ("bool", ["true", "false"]),
        ("oid", ["4294967295", "0"]),
        ("inet", ["10.0.0.1", "10.0.0.1/8", "2001:db8::1", "2001:db8::1/64"]),
        ("cidr", ["10.0.0.0/8", "10.0.0.0/16", "2001:db8::/32"]),
    ],
)
def test_keys_are_integers_texts_and_what_is_one_as_json(
    same: Callable[..., bytes], type_: str, keys: list[str]
) -> None:
    shape = Shape(["id"], {"id": "id", "n": Nest("n", Shape(["key", "n"]), key="key", parent="id")})
    values = ", ".join(f"('{key}'::{type_})" for key in keys)
    parents = f"SELECT * FROM (VALUES {values}) t (id)"  # noqa: S608 - ours
    rows = f"SELECT id AS key, n FROM ({parents}) p, generate_series(1, 3) n ORDER BY md5(id::text || n)"  # noqa: S608 - ours
    for parent in json.loads(same(shape, parents, n=rows)):
        assert [row["key"] for row in parent["n"]] == [parent["id"]] * 3


def test_keys_of_different_widths_agree(same: Callable[..., bytes]) -> None:
    shape = Shape(["id"], {"n": Nest("n", Shape(["key"]), key="key", parent="id")})
    assert same(shape, "SELECT 1::int2 AS id", n="SELECT 1::int8 AS key") == b'[{"n":[{"key":1}]}]'


@pytest.mark.parametrize("type_", ["varchar", "name", "bpchar"])
def test_texts_of_every_type_are_keys(same: Callable[..., bytes], type_: str) -> None:
    shape = Shape(["id"], {"n": Nest("n", Shape(["key"]), key="key", parent="id")})
    assert same(shape, f"SELECT 'a'::{type_} AS id", n=f"SELECT 'a'::{type_} AS key") == b'[{"n":[{"key":"a"}]}]'


@pytest.mark.parametrize(("type_", "key"), [("nest_mood", "sour"), ("nest_number", "7"), ("nest_label", "a")])
def test_keys_of_users_types_are_declared(
    fetch: Fetch, pack: Pack, execute: Callable[[str], None], type_: str, key: str
) -> None:
    execute("""DROP TYPE IF EXISTS pg_temp.nest_mood; CREATE TYPE pg_temp.nest_mood AS ENUM ('sweet', 'sour');
        DROP DOMAIN IF EXISTS pg_temp.nest_number; CREATE DOMAIN pg_temp.nest_number AS int4;
        DROP DOMAIN IF EXISTS pg_temp.nest_label; CREATE DOMAIN pg_temp.nest_label AS text""")
    declared = "int4" if type_ == "nest_number" else "text"
    child = Shape([Column("key", declared), "n"], {"n": "n"})
    parent = Shape([Column("id", declared)], {"all": Nest("all", child, key="key", parent="id")})
    group = Shape([Column("key", declared), "n"], {"all": Group("n", {"n": "n"})}, group_by="key")
    one, many = f"SELECT '{key}'::pg_temp.{type_} AS id", f"SELECT '{key}'::pg_temp.{type_} AS key, 1 AS n"
    written = dumps(parent.rows(pack(one, shape=parent), all=pack(many, shape=child)))
    assert written == dumps(parent.rows(fetch(one), all=fetch(many))) == b'[{"all":[{"n":1}]}]'
    assert dumps(group.rows(pack(many, shape=group))) == dumps(group.rows(fetch(many))) == written


@pytest.mark.parametrize(
    ("key", "parent"), [("1", "'1'::text"), ("'a'::text", "1"), ("true", "'t'::text"), ("'::1'::inet", "1::oid")]
)
def test_keys_of_two_kinds_are_refused(fetch: Fetch, pack: Pack, key: str, parent: str) -> None:
    shape = Shape(["id"], {"n": Nest("n", Shape(["key"]), key="key", parent="id")})
    for read in (fetch, pack):
        with pytest.raises(ValueError, match=r"cannot be matched: a (text|number) is never equal to a (text|number)"):
            dumps(shape.rows(read(f"SELECT {parent} AS id"), n=read(f"SELECT {key} AS key")))
    with pytest.raises(ValueError, match="cannot be matched: a text is never equal to a number"):
        dumps(shape.rows([], n=[(1,), (None,), ("a",)]))
    # No rows, and NULL as the only key, are no mistake.
    assert dumps(shape.rows([(1,), ("a",), (None,)], n=[(None,)])) == b'[{"n":[]},{"n":[]},{"n":[]}]'


def test_an_address_and_a_uuid_are_equal_to_their_texts(same: Callable[..., bytes]) -> None:
    shape = Shape(["id"], {"n": Nest("n", Shape(["key"], {"x": "key"}), key="key", parent="id")})
    for text, type_ in (("10.0.0.1", "inet"), ("00112233-4455-6677-8899-aabbccddeeff", "uuid")):
        written = same(shape, f"SELECT '{text}'::{type_} AS id", n=f"SELECT '{text}'::text AS key")
        assert written == f'[{{"n":[{{"x":"{text}"}}]}}]'.encode()


def test_other_keys_are_refused(pack: Pack) -> None:
    shape = Shape(["id"], {"n": Nest("n", Shape(["key"]), key="key", parent="id")})
    for key in (1.5, b"a", (1,), 2**64):
        with pytest.raises(TypeError, match=r"^rows cannot be matched by "):
            dumps(shape.rows([(1,)], n=[(key,)]))
        with pytest.raises(TypeError, match=r"^rows cannot be matched by .*, at \$\[0\]\.n$"):
            dumps(shape.rows([(key,)], n=[(1,)]))
    with pytest.raises(ValueError, match=r"rows cannot be matched by a value of type OID 701 \(byte 12\)"):
        dumps(shape.rows(pack("SELECT 1"), n=pack("SELECT 1.5::float8")))


def test_without_keys_all_rows_belong_to_this_one(same: Callable[..., bytes]) -> None:
    shape = Shape(["id"], {"notes": Nest("notes", PAIR), "id": "id"})
    assert same(shape, "SELECT 1 AS id", notes="SELECT 5 AS id, 'x' AS name") == (
        b'[{"notes":[{"id":5,"name":"x"}],"id":1}]'
    )
    assert dumps(shape.row((1,), notes=None)) == b'{"notes":[],"id":1}'


def test_nests_in_nests(same: Callable[..., bytes]) -> None:
    reaction = Shape(["note_id", "emoji"], {"emoji": "emoji"})
    note = Shape(
        ["id", "recipe_id"], {"id": "id", "reactions": Nest("reactions", reaction, key="note_id", parent="id")}
    )
    recipe = Shape(["id"], {"id": "id", "notes": Nest("notes", note, key="recipe_id", parent="id")})
    written = same(
        recipe,
        "SELECT i AS id FROM generate_series(1, 2) i",
        notes="SELECT * FROM (VALUES (10, 1), (11, 2), (12, 1)) t (id, recipe_id)",
        reactions="SELECT * FROM (VALUES (12, 'c'), (10, 'a'), (10, 'b')) t (note_id, emoji)",
    )
    assert written == (
        b'[{"id":1,"notes":[{"id":10,"reactions":[{"emoji":"a"},{"emoji":"b"}]},{"id":12,"reactions":[{"emoji":"c"}]}]},'
        b'{"id":2,"notes":[{"id":11,"reactions":[]}]}]'
    )


def test_nests_in_rows_in_a_row(same: Callable[..., bytes]) -> None:
    note = Shape(["id"], {"id": "id", "r": Nest("r", Shape(["note_id"]), key="note_id", parent="id")})
    shape = Shape([Many("notes", note)])
    assert same(shape, "SELECT ARRAY[ROW(1), ROW(2)] AS notes", r="SELECT 2 AS note_id") == (
        b'[{"notes":[{"id":1,"r":[]},{"id":2,"r":[{"note_id":2}]}]}]'
    )


def test_the_rows_of_each_nest_must_be_given() -> None:
    shape = Shape(["id"], {"a": Nest("notes", ID)})
    with pytest.raises(TypeError, match=r"^the shape needs rows for its Nest: notes=…$"):
        shape.rows([])
    with pytest.raises(TypeError, match=r"^the shape needs rows for its Nest: notes=…$"):
        shape.rows([], note=[])
    with pytest.raises(TypeError, match=r'^the shape has no Nest of rows "more"$'):
        shape.rows([], notes=[], more=[])


def test_packed_and_other_rows_do_not_mix(pack: Pack) -> None:
    shape = Shape(["id"], {"a": Nest("n", ID)})
    for rows, nested in ((pack("SELECT 1"), [(1,)]), ([(1,)], pack("SELECT 1"))):
        with pytest.raises(TypeError, match=r"pack all or none, at \$$"):
            dumps(shape.rows(rows, n=nested))
    assert dumps(shape.rows(pack("SELECT 1"), n=None)) == dumps(shape.rows([(1,)], n=None)) == b'[{"a":[]}]'


def test_the_recipe_document_out_of_its_rows(same: Callable[..., bytes]) -> None:
    """A document like those of services, from real tables."""
    ingredient = Shape(["id", "recipe_id", "name"], {"id": "id", "name": "name"})
    shape = Shape(
        ["id", "title", "tags", "owner_team_id"],
        {
            "id": "id",
            "title": "title",
            "tags": "tags",
            "team": Nullable("owner_team_id", {"id": "owner_team_id"}),
            "ingredients": Nest("ingredients", ingredient, key="recipe_id", parent="id"),
        },
    )
    written = same(
        shape,
        "SELECT id, title, tags, owner_team_id FROM recipes ORDER BY id LIMIT 20",
        ingredients="SELECT id, recipe_id, name FROM ingredients ORDER BY position, id",
    )
    recipes = json.loads(written)
    assert len(recipes) == 20
    assert any(recipe["ingredients"] for recipe in recipes)
