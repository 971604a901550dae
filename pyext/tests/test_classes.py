"""What kind of value a type's instances are is found out once a type, and forgotten where types never end."""

import enum
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from unittest.mock import Mock

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


@pytest.mark.parametrize("pretended", [str, int, float, list, tuple, dict, datetime, date, time, timedelta])
def test_what_only_says_that_it_is_of_a_type_is_not_read_as_one(pretended: type) -> None:
    """Its memory is not that of the type: Mock(spec=…), proxies and lazy objects are such."""
    with pytest.raises(TypeError, match=r"^no JSON for unittest\.mock\.Mock, at \$$"):
        dumps(Mock(spec=pretended))


def test_a_decimal_is_a_number_whatever_its_class_says() -> None:
    class Odd(Decimal):
        def __str__(self) -> str:
            return "oops"

        def is_finite(self) -> bool:
            return True

    assert dumps([Odd("1.10"), Odd("NaN")]) == b"[1.10,null]"


def test_an_offset_is_less_than_a_day_whatever_a_subclass_says() -> None:
    class Odd(datetime):
        def utcoffset(self) -> timedelta:
            return timedelta(days=99_999)

    with pytest.raises(TypeError, match=r"^a time zone a day from UTC, at \$$"):
        dumps(Odd(2024, 1, 31, tzinfo=timezone.max))
