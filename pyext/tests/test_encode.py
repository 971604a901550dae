"""Values that JSON has itself, containers, and the default hook."""

import json
import math
from collections import OrderedDict, defaultdict, namedtuple
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from rowjson import dumps

DEPTH = 254


class Point(NamedTuple):
    x: int
    y: int


class Text(str):
    __slots__ = ()


class Number(int):
    def __repr__(self) -> str:
        return "a number"


class Real(float):
    pass


class Row(list[Any]):
    pass


class Pair(tuple[Any, ...]):
    __slots__ = ()


class Mapping(dict[str, Any]):
    pass


class Opaque:
    pass


def nested_list(levels: int, leaf: Any = None) -> Any:
    value = [] if leaf is None else leaf
    for _ in range(levels - (leaf is None)):
        value = [value]
    return value


def nested_dict(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, b"null"),
        (True, b"true"),
        (False, b"false"),
        (0, b"0"),
        (-1, b"-1"),
        (2**63 - 1, b"9223372036854775807"),
        (-(2**63), b"-9223372036854775808"),
        (0.1, b"0.1"),
        (-0.0, b"-0.0"),
        (1.0, b"1.0"),
        (1e16, b"1e+16"),
        (5e-324, b"5e-324"),
        ("", b'""'),
        ("a", b'"a"'),
        ("é漢😀", '"é漢😀"'.encode()),
        ([], b"[]"),
        ((), b"[]"),
        ({}, b"{}"),
        ([1, [2, []], (3,)], b"[1,[2,[]],[3]]"),
        ({"b": 1, "a": {"": None}}, b'{"b":1,"a":{"":null}}'),
    ],
)
def test_what_json_has_itself(value: Any, expected: bytes) -> None:
    assert dumps(value) == expected


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, Real("nan")])
def test_floats_that_json_has_no_number_for_are_null(value: float) -> None:
    assert dumps(value) == b"null"
    assert dumps([value, {"a": value}]) == b'[null,{"a":null}]'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Text("é"), '"é"'.encode()),
        (Text("a" * 100), b'"' + b"a" * 100 + b'"'),
        (Number(5), b"5"),
        (Number(2**80), str(2**80).encode()),
        (Real(1.5), b"1.5"),
        (Row([1, Row()]), b"[1,[]]"),
        (Pair((1, Pair())), b"[1,[]]"),
        (Mapping(a=Mapping()), b'{"a":{}}'),
        (OrderedDict(b=1, a=2), b'{"b":1,"a":2}'),
        (defaultdict(int, a=1), b'{"a":1}'),
        (Point(1, 2), b"[1,2]"),
        ({Text("k"): 1}, b'{"k":1}'),
    ],
)
def test_subclasses_are_what_they_derive_from(value: Any, expected: bytes) -> None:
    assert dumps(value) == expected
    assert dumps([value]) == b"[" + expected + b"]"


def test_a_namedtuple_is_an_array() -> None:
    made = namedtuple("made", "a b")  # noqa: PYI024 - the untyped one is another kind of class
    assert dumps([made(1, "x"), Point(3, 4)]) == b'[[1,"x"],[3,4]]'


@pytest.mark.parametrize("key", [1, None, True, 1.5, (1,), b"a"])
def test_a_dicts_keys_must_be_str(key: Any) -> None:
    with pytest.raises(TypeError, match=rf"^a dict's key must be a str, not {type(key).__name__}, at \$\[1\]\.a$"):
        dumps([0, {"a": {"fine": 1, key: 2}}])


@pytest.mark.parametrize("value", [Opaque(), object(), {1}, frozenset(), 1j, range(3), iter([]), Opaque, len, ...])
def test_what_has_no_json_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match=r"^no JSON for .+, at \$$"):
        dumps(value)


def test_lists_and_objects_nest_to_254_levels() -> None:
    assert dumps(nested_list(DEPTH)) == b"[" * DEPTH + b"]" * DEPTH
    assert json.loads(dumps(nested_dict(DEPTH))) == nested_dict(DEPTH)
    assert dumps(nested_list(DEPTH, leaf=1)) == b"[" * DEPTH + b"1" + b"]" * DEPTH
    for value in (nested_list(DEPTH + 1), nested_dict(DEPTH + 1), nested_list(100_000)):
        with pytest.raises(TypeError, match=r"^nested deeper than 254 levels \(does it contain itself\?\), at \$.*…"):
            dumps(value)


def test_cycles_are_refused() -> None:
    array: list[Any] = []
    array.append(array)
    mapping: dict[str, Any] = {}
    mapping["a"] = (mapping,)
    for value in (array, mapping):
        with pytest.raises(TypeError, match=r"does it contain itself\?"):
            dumps(value)


def test_depth_is_counted_anew_for_each_value_and_call() -> None:
    value = [nested_list(DEPTH - 1), nested_list(DEPTH - 1)]
    assert dumps(value) == dumps(value)
    with pytest.raises(TypeError, match="nested deeper"):
        dumps([value])
    assert dumps(value).startswith(b"[[")


def test_default_is_called_for_what_has_no_json() -> None:
    seen = []

    def default(value: Any) -> Any:
        seen.append(value)
        return sorted(value)

    assert dumps([{2, 1}, {"a": {3}}, 4], default=default) == b'[[1,2],{"a":[3]},4]'
    assert seen == [{1, 2}, {3}]
    assert dumps(1, default=None) == b"1"


def test_what_default_returns_may_need_default_again() -> None:
    def default(value: Any) -> Any:
        return set(value) if isinstance(value, frozenset) else list(value)

    assert dumps(frozenset({2}), default=default) == b"[2]"


def test_a_default_without_end_is_refused() -> None:
    with pytest.raises(TypeError, match="nested deeper"):
        dumps(Opaque(), default=lambda value: value)
    with pytest.raises(TypeError, match="nested deeper"):
        dumps(Opaque(), default=lambda value: [value])


def test_what_default_raises_comes_out_with_a_note_of_the_path() -> None:
    def default(_: Any) -> Any:
        message = "not today"
        raise LookupError(message)

    with pytest.raises(LookupError, match="not today") as raised:
        dumps({"a": [0, Opaque()]}, default=default)
    assert raised.value.__notes__ == ["while encoding $.a[1]"]


def test_default_must_be_callable() -> None:
    with pytest.raises(TypeError, match="not callable"):
        dumps(Opaque(), default=1)  # type: ignore[arg-type] # what this is about


def test_a_list_may_shrink_while_it_is_encoded() -> None:
    values: list[Any] = [Opaque(), *range(100)]

    def default(_: Any) -> str:
        values.clear()
        return "cleared"

    assert dumps(values, default=default) == b'["cleared"]'


def test_what_a_list_grows_by_while_it_is_encoded_is_not() -> None:
    values: list[Any] = [Opaque(), 1]

    def default(_: Any) -> str:
        values.extend(["more"] * 1000)
        return "grown"

    assert json.loads(dumps(values, default=default)) == ["grown", 1]


def test_a_dict_that_is_never_done_is_refused() -> None:
    values: dict[str, Any] = {"0": Opaque()}

    def default(_: Any) -> int:
        del values[next(iter(values))]
        values[str(len(values) + id(object()))] = Opaque()
        return 1

    with pytest.raises(TypeError, match="a dict that changes while it is encoded"):
        dumps([values], default=default)


def test_an_element_that_is_replaced_while_it_is_encoded_is_written_whole() -> None:
    values: list[Any] = [[Opaque(), "kept " * 10], 2]

    def default(_: Any) -> int:
        values[0] = None
        return 1

    assert json.loads(dumps(values, default=default)) == [[1, "kept " * 10], 2]


def test_a_dict_that_changes_its_length_while_it_is_encoded_is_refused() -> None:
    for change in ("clear", "grow"):
        values: dict[str, Any] = {"a": Opaque(), "b": 1}

        def default(_: Any, values: dict[str, Any] = values, change: str = change) -> int:
            if change == "clear":
                values.clear()
            else:
                values.update(dict.fromkeys(map(str, range(1000))))
            return 1

        with pytest.raises(TypeError, match=r"^a dict that changes while it is encoded, at \$\.outer$"):
            dumps({"outer": values}, default=default)


def test_a_dict_that_changes_but_for_its_length_is_read_safely() -> None:
    values: dict[str, Any] = {f"k{number}": Opaque() for number in range(50)}

    def default(_: Any) -> int:
        first = next(iter(values))
        del values[first]
        values[f"new {first}"] = 0
        return 1

    assert isinstance(json.loads(dumps(values, default=default)), dict)


def test_options_are_keywords_and_known() -> None:
    with pytest.raises(ValueError, match="bytes must be 'base64' or 'hex', not \"ascii\""):
        dumps(1, bytes="ascii")  # type: ignore[arg-type] # what this is about
    with pytest.raises(TypeError):
        dumps(1, None)  # type: ignore[call-overload, misc, arg-type, unused-ignore] # what this is about
    with pytest.raises(TypeError):
        dumps(value=1)  # type: ignore[call-arg] # what this is about
    with pytest.raises(TypeError):
        dumps()  # type: ignore[call-arg] # what this is about


def test_scalars_are_no_level() -> None:
    text = "00000000-0000-0000-0000-000000000000"
    assert dumps(nested_list(DEPTH, leaf=UUID(text))) == b"[" * DEPTH + f'"{text}"'.encode() + b"]" * DEPTH
