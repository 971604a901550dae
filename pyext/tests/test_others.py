"""Values of the standard library and of asyncpg's: numbers, identifiers, addresses, bytes, ranges, classes."""

import array
import enum
from dataclasses import InitVar, dataclass, field, make_dataclass
from decimal import Context, Decimal
from ipaddress import ip_address, ip_interface, ip_network
from typing import Any, ClassVar
from uuid import UUID

import pytest
from asyncpg import BitString, Range
from hypothesis import given
from hypothesis import strategies as st
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


@dataclass
class Note:
    text: str
    rating: int | None = None
    _private: int = 3
    kind: ClassVar[str] = "note"
    seed: InitVar[int] = 0
    tags: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Recipe:
    id: int
    notes: list[Note]


@dataclass
class Special(Note):
    extra: bool = True


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1.10", b"1.10"),
        ("-0", b"-0"),
        ("0.00", b"0.00"),
        ("123456789012345678901234567890.123456789", b"123456789012345678901234567890.123456789"),
        ("1E+3", b"1E+3"),
        ("1E-10", b"1E-10"),
        ("NaN", b"null"),
        ("sNaN", b"null"),
        ("-Infinity", b"null"),
    ],
)
def test_decimals_are_exact(value: str, expected: bytes) -> None:
    assert dumps(Decimal(value)) == expected


@given(st.decimals())
def test_a_decimal_reads_back_with_all_its_digits(value: Decimal) -> None:
    text = dumps(value).decode()
    assert text == "null" if not value.is_finite() else Decimal(text).as_tuple() == value.as_tuple()


def test_a_decimal_is_read_whatever_the_context_is() -> None:
    assert dumps(Context(prec=1).create_decimal("1.5").scaleb(2)) == b"2E+2"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (UUID(int=1), b'"00000000-0000-0000-0000-000000000001"'),
        (ip_address("10.0.0.1"), b'"10.0.0.1"'),
        (ip_address("::1"), b'"::1"'),
        (ip_interface("10.0.0.1/8"), b'"10.0.0.1/8"'),
        (ip_interface("2001:db8::1/32"), b'"2001:db8::1/32"'),
        (ip_network("10.0.0.0/8"), b'"10.0.0.0/8"'),
        (ip_network("2001:db8::/32"), b'"2001:db8::/32"'),
    ],
)
def test_identifiers_and_addresses_are_text(value: Any, expected: bytes) -> None:
    assert dumps(value) == expected


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_are_base64_or_hex(kind: Any) -> None:
    for raw, base64, hexadecimal in [
        (b"", b'""', b'""'),
        (b"\xfb\xff", b'"+/8="', b'"fbff"'),
        (b"\xfb\xff\xbf", b'"+/+/"', b'"fbffbf"'),
        (b"\0" * 1000, b'"' + b"A" * 1334 + b'=="', b'"' + b"0" * 2000 + b'"'),
    ]:
        value = kind(raw)
        assert dumps(value) == dumps(value, bytes="base64") == base64
        assert dumps([{"a": value}], bytes="hex") == b'[{"a":' + hexadecimal + b"}]"


def test_subclasses_and_slices_of_bytes_are_bytes() -> None:
    class Raw(bytes):
        pass

    assert dumps(Raw(b"ab"), bytes="hex") == b'"6162"'
    assert dumps(memoryview(b"a-b-c")[::2], bytes="hex") == b'"616263"'


def test_a_memoryview_of_other_items_is_refused() -> None:
    released = memoryview(b"a")
    released.release()
    for value in (memoryview(array.array("i", [1])), released):
        with pytest.raises(TypeError, match=r"^a memoryview of other items than bytes, at \$\[0\]$"):
            dumps([value])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Range(1, 10), b'{"lower":1,"upper":10,"bounds":"[)"}'),
        (Range(1, 10, lower_inc=False, upper_inc=True), b'{"lower":1,"upper":10,"bounds":"(]"}'),
        (Range(None, Decimal("1.10")), b'{"lower":null,"upper":1.10,"bounds":"()"}'),
        (Range(), b'{"lower":null,"upper":null,"bounds":"()"}'),
        (Range(empty=True), b'{"empty":true}'),
        ([Range(1, 2), Range(3, 4)], b'[{"lower":1,"upper":2,"bounds":"[)"},{"lower":3,"upper":4,"bounds":"[)"}]'),
    ],
)
def test_ranges_are_objects(value: Any, expected: bytes) -> None:
    assert dumps(value) == expected


def test_a_bound_without_json_is_named_with_its_path() -> None:
    with pytest.raises(TypeError, match=r"^no JSON for set, at \$\.range\.upper$"):
        dumps({"range": Range(1, {2})})


@pytest.mark.parametrize("bits", ["", "1", "0101", "1" * 33])
def test_bit_strings_are_text(bits: str) -> None:
    value = BitString(bits)  # type: ignore[arg-type] # the stub has it for bytes
    assert dumps(value) == f'"{bits}"'.encode()


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


def test_a_dataclass_is_its_fields() -> None:
    assert dumps(Note("é", 5)) == '{"text":"é","rating":5,"tags":[]}'.encode()
    recipe = Recipe(1, [Note("a"), Special("b", 2)])
    assert dumps(recipe) == (
        b'{"id":1,"notes":[{"text":"a","rating":null,"tags":[]},{"text":"b","rating":2,"tags":[],"extra":true}]}'
    )


def test_what_is_no_field_is_left_out() -> None:
    note = Note("a")
    note.more = 1  # type: ignore[attr-defined] # what this is about
    assert b"more" not in dumps(note)
    assert dumps(make_dataclass("Empty", [])()) == b"{}"
    assert dumps(make_dataclass("Hidden", [("_a", int)])(1)) == b"{}"


def test_the_path_leads_through_a_dataclass() -> None:
    with pytest.raises(TypeError, match=r"^no JSON for set, at \$\.notes\[0\]\.tags\[1\]$"):
        dumps(Recipe(1, [Note("a", tags=[0, {1}])]))


def test_a_field_that_is_not_set_is_an_error() -> None:
    note = Note("a")
    del note.tags
    with pytest.raises(AttributeError, match="tags") as raised:
        dumps([note])
    assert raised.value.__notes__ == ["while encoding $[0]"]


def test_a_dataclass_that_holds_itself_is_refused() -> None:
    note = Note("a")
    note.tags.append(note)
    with pytest.raises(TypeError, match="nested deeper"):
        dumps(note)


def test_a_dataclass_itself_is_no_value() -> None:
    with pytest.raises(TypeError, match=r"^no JSON for type, at \$$"):
        dumps(Note)
