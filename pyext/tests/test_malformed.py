"""Malformed packed rows: an error that names the byte, and never wrong JSON."""

import json
import re
import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rowjson import Column, Group, Many, Nest, One, Shape, dumps

INT4, TEXT, JSON, RECORD, RECORD_ARRAY, INT4_ARRAY = 23, 25, 114, 2249, 2287, 1007
EMBEDDED = {JSON, 3802, 199, 3807}
ERROR = re.compile(r"malformed packed rows: .+ \(byte (\d+)\), at \$.*", re.DOTALL)

PAIR = Shape(["id", "name"])


def field(oid: int, value: bytes | None) -> bytes:
    return struct.pack(">Ii", oid, -1 if value is None else len(value)) + (value or b"")


def record(*fields: bytes) -> bytes:
    return struct.pack(">i", len(fields)) + b"".join(fields)


def array(element: int, *values: bytes | None) -> bytes:
    head = struct.pack(">iiIii", 1, 1, element, len(values), 1) if values else struct.pack(">iiI", 0, 0, element)
    return head + b"".join(field(0, value)[4:] for value in values)


def int4(number: int) -> bytes:
    return struct.pack(">i", number)


def refused(shaped: Any, size: int) -> str:
    """The message of the error that is raised, after checking that its byte is in what was given."""
    with pytest.raises(ValueError, match="byte") as raised:
        dumps(shaped)
    found = ERROR.fullmatch(str(raised.value))
    assert found, raised.value
    assert int(found[1]) <= size
    return str(raised.value)


ROW = record(field(INT4, int4(1)), field(TEXT, b"a"))
NESTED = record(
    field(INT4, int4(7)),
    field(RECORD, ROW),
    field(RECORD_ARRAY, array(RECORD, ROW, ROW)),
    field(INT4_ARRAY, array(INT4, int4(1), None, int4(3))),
    field(1700, struct.pack(">HhHHH", 1, 0, 0, 2, 5)),
    field(3904, b"\x02" + field(0, int4(1))[4:] + field(0, int4(9))[4:]),
    field(1184, struct.pack(">q", 0)),
    field(2950, bytes(16)),
    field(869, b"\x02\x20\x00\x04\x0a\x00\x00\x01"),
    field(1186, bytes(16)),
    field(TEXT, None),
)
DEEP = Shape(["id", One("one", PAIR), Many("all", PAIR), "array", "num", "range", "at", "uuid", "ip", "span", "none"])


def test_what_is_whole_is_written() -> None:
    assert dumps(DEEP.rows(NESTED * 2)) == b"[" + b",".join([dumps(DEEP.row(NESTED))] * 2) + b"]"
    assert dumps(DEEP.row(NESTED)) == (
        b'{"id":7,"one":{"id":1,"name":"a"},"all":[{"id":1,"name":"a"},{"id":1,"name":"a"}],"array":[1,null,3],'
        b'"num":5.00,"range":{"lower":1,"upper":9,"bounds":"[)"},"at":"2000-01-01T00:00:00Z",'
        b'"uuid":"00000000-0000-0000-0000-000000000000","ip":"10.0.0.1","span":"PT0S","none":null}'
    )


def test_what_is_cut_off_anywhere_is_refused() -> None:
    for end in range(1, len(NESTED)):
        refused(DEEP.rows(NESTED[:end]), end)
        refused(DEEP.rows(NESTED + NESTED[:end]), len(NESTED) + end)
        refused(DEEP.row(NESTED[:end]), end)


def test_what_is_too_long_is_refused() -> None:
    for extra in (b"\0", b"\xff" * 4, ROW):
        refused(DEEP.rows(NESTED + extra), len(NESTED + extra))


@pytest.mark.parametrize("count", [-(2**31), -2, -1, 0, 1, 3, 1000, 2**31 - 1])
def test_a_wrong_number_of_fields_is_refused(count: int) -> None:
    refused(PAIR.rows(int4(count) + ROW[4:]), len(ROW))


@pytest.mark.parametrize("length", [-(2**31), -2, 0, 1, 5, 2**31 - 1])
def test_a_wrong_length_is_refused(length: int) -> None:
    refused(PAIR.rows(ROW[:8] + int4(length) + ROW[12:]), len(ROW))


def test_the_byte_is_where_the_lie_is() -> None:
    lie = ROW[:16] + struct.pack(">I", TEXT) + int4(99) + b"a"
    message = refused(PAIR.rows(ROW + lie), 2 * len(ROW))
    assert message == "malformed packed rows: cut off: 99 bytes should follow, 1 do (byte 49), at $[1]"


def test_the_path_is_where_the_lie_is() -> None:
    bad = record(field(INT4, b"123"), field(TEXT, b"a"))
    rows = record(field(RECORD_ARRAY, array(RECORD, ROW, bad)))
    shape = Shape([Many("all", PAIR)])
    message = refused(shape.rows(rows), len(rows))
    assert message.endswith("int4: 4 bytes expected, 3 found (byte 77), at $[0].all[1].id")


@pytest.mark.parametrize(
    "raw",
    [
        struct.pack(">iiI", -1, 0, RECORD),
        struct.pack(">iiI", 7, 0, RECORD) + bytes(56),
        struct.pack(">iiIii", 1, 0, RECORD, -1, 1),
        struct.pack(">iiIii", 1, 0, RECORD, 2**31 - 1, 1),
        struct.pack(">iiIiiii", 2, 0, RECORD, 65536, 1, 65536, 1),
        struct.pack(">iiIii", 1, 0, INT4, 1, 1) + field(0, int4(1))[4:],
        array(RECORD, ROW) + b"\0",
        array(RECORD, ROW[:-1]),
        array(RECORD, ROW + b"\0"),
        array(RECORD, b""),
        array(RECORD, None),
        b"",
    ],
)
def test_an_array_of_rows_that_lies_is_refused(raw: bytes) -> None:
    rows = record(field(RECORD_ARRAY, raw))
    refused(Shape([Many("all", PAIR)]).rows(rows), len(rows))


@pytest.mark.parametrize("oid", [0, 1, 22, 600, RECORD, RECORD_ARRAY, 16384, 2**32 - 1])
def test_an_unknown_type_is_refused(oid: int) -> None:
    rows = record(field(INT4, int4(1)), field(oid, b"a"))
    refused(PAIR.rows(rows), len(rows))


def test_an_array_of_many_dimensions_makes_no_recursion_without_end() -> None:
    raw = struct.pack(">iiI", 6, 0, INT4) + struct.pack(">ii", 1, 1) * 6 + field(0, int4(1))[4:]
    assert dumps(Shape(["a"]).row(record(field(INT4_ARRAY, raw)))) == b'{"a":[[[[[[1]]]]]]}'


def is_text(shaped: Any) -> bool:
    """Whether it is written. Checks that what is written is JSON, and otherwise the form of the error."""
    try:
        written = dumps(shaped)
    except ValueError as error:
        assert ERROR.fullmatch(str(error)), error  # noqa: PT017 - one of two outcomes
        return False
    json.loads(written)
    return True


def embeds(raw: bytes | bytearray) -> bool:
    """Whether the bytes contain the OID of a JSON type, whose text is not checked."""
    return any(struct.pack(">I", oid) in raw for oid in EMBEDDED)


@given(st.lists(st.tuples(st.integers(0, len(NESTED) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_changed_bytes_are_json_or_refused(changes: list[tuple[int, int]]) -> None:
    raw = bytearray(NESTED)
    for place, byte in changes:
        raw[place] = byte
    if not embeds(raw):
        is_text(DEEP.rows(raw))


@given(st.integers(0, len(NESTED) // 4), st.integers(-(2**31), 2**31 - 1) | st.integers(-3, 40))
def test_changed_words_are_json_or_refused(word: int, number: int) -> None:
    raw = bytearray(NESTED)
    raw[word * 4 : word * 4 + 4] = int4(number)
    if not embeds(raw):
        is_text(DEEP.rows(raw[: len(NESTED)]))


SHAPES = [
    Shape(["a"]),
    PAIR,
    DEEP,
    Shape([One("a", PAIR)]),
    Shape([Many("a", Shape([Many("b", PAIR)]))]),
    Shape([Column("a", "text"), Column("b", "int4[]")]),
    Shape(["a", "b"], {"a": "a", "all": Group("b", {"b": "b"})}, group_by="a"),
]
PIECES = st.sampled_from(
    [int4(number) for number in (-1, 0, 1, 2, 4, 8, 16384)]
    + [struct.pack(">I", oid) for oid in (16, 17, 20, 21, 23, 25, 700, 1007, 1082, 1184, 1700, 2249, 2287, 2950)]
    + [ROW, array(RECORD, ROW), array(INT4, int4(1)), b"\0", b"\xff", b"a"]
)


@given(st.sampled_from(SHAPES), st.lists(PIECES, max_size=20).map(b"".join) | st.binary(max_size=100), st.booleans())
@example(SHAPES[0], record(field(INT4, int4(1))), True)
def test_any_bytes_are_json_or_refused(shape: Shape, raw: bytes, single: bool) -> None:
    if not embeds(raw):
        is_text(shape.row(raw) if single else shape.rows(raw))


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_nested_bytes_are_json_or_refused(parents: bytes, children: bytes) -> None:
    shape = Shape(["id"], {"n": Nest("n", Shape(["key"]), key="key", parent="id")})
    good = record(field(INT4, int4(1)))
    assert is_text(shape.rows(good, n=good))
    for rows, nested in ((good, children), (parents, good), (good + parents, good + children)):
        if not embeds(rows + nested):
            is_text(shape.rows(rows, n=nested))


def test_a_query_cut_off_anywhere_is_refused(pack: Callable[..., bytes]) -> None:
    query = """SELECT 1 AS id, 'a' AS name, ARRAY[(1, 'b'), (2, NULL)] AS notes, 1.5 AS num, now() AS at,
        '[1,2)'::int4range AS range, '10.0.0.1'::inet AS ip, '1 day'::interval AS span, true AS yes"""
    shape = Shape(["id", "name", Many("notes", PAIR), "num", "at", "range", "ip", "span", "yes"])
    raw = pack(query)
    assert is_text(shape.rows(raw))
    for end in range(1, len(raw)):
        refused(shape.rows(raw[:end]), end)
