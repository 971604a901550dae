"""What kind of value a type's instances are is found out once a type, and forgotten where types never end."""

import enum
from typing import Any

import pytest
from rowjson import dumps


def new_type(base: type, number: int) -> Any:
    return type(f"Made{number}", (base,), {})


def test_types_without_end_are_classified_right() -> None:
    for number in range(1000):
        values = [new_type(str, number)("a"), new_type(int, number)(1), new_type(list, number)((2,))]
        assert dumps(values) == b'["a",1,[2]]'


def test_a_type_that_has_ended_does_not_pass_its_class_on() -> None:
    for number in range(2000):
        base: type = (str, list, dict, float, object)[number % 5]
        value = new_type(base, number)()
        if base is object:
            with pytest.raises(TypeError, match=rf"Made{number}, at \$$"):
                dumps(value)
        else:
            assert dumps(value) == {str: b'""', list: b"[]", dict: b"{}", float: b"0.0"}[base]


def test_the_nearest_of_several_bases_counts() -> None:
    class Both(str, enum.Enum):  # noqa: UP042 - what this is about
        A = "a"

    class Flag(enum.Flag):
        ON = 1

    assert dumps([Both.A, Flag.ON]) == b'["a",1]'


def test_a_class_that_only_looks_like_one_of_the_known_is_not() -> None:
    class Pretending:
        __class__ = int  # type: ignore[assignment] # what this is about

    with pytest.raises(TypeError, match=r"Pretending, at \$$"):
        dumps(Pretending())
