"""Members of enums."""

import enum

import pytest
from rowjson import dumps


class Colour(enum.Enum):
    RED = "red"
    GREEN = (1, 2)
    NESTED = {"a": None}  # noqa: RUF012 - a member, not an attribute


class Size(enum.IntEnum):
    SMALL = 1
    HUGE = 2**70


class Mode(enum.IntFlag):
    READ = 1
    WRITE = 2


class Word(enum.StrEnum):
    YES = "yes"


class Label(str, enum.Enum):  # noqa: UP042 - the older kind, which str() shows otherwise
    HOT = "hot"


class Nothing(enum.Enum):
    OPAQUE = object()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Colour.RED, b'"red"'),
        (Colour.GREEN, b"[1,2]"),
        (Colour.NESTED, b'{"a":null}'),
        (Size.SMALL, b"1"),
        (Size.HUGE, str(2**70).encode()),
        (Mode.READ | Mode.WRITE, b"3"),
        (Word.YES, b'"yes"'),
        (Label.HOT, b'"hot"'),
    ],
)
def test_a_member_of_an_enum_is_its_value(value: enum.Enum, expected: bytes) -> None:
    assert dumps(value) == expected
    assert dumps([value, {"a": value}]) == b"[" + expected + b',{"a":' + expected + b"}]"


def test_a_str_enum_may_be_a_key() -> None:
    assert dumps({Word.YES: 1, Label.HOT: 2}) == b'{"yes":1,"hot":2}'


def test_a_member_without_json_is_refused_or_given_to_default() -> None:
    with pytest.raises(TypeError, match=r"^no JSON for object, at \$\[0\]$"):
        dumps([Nothing.OPAQUE])
    assert dumps([Nothing.OPAQUE], default=lambda value: type(value).__name__) == b'["object"]'
