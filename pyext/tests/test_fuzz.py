"""Random values, records and rows, compared with what others write for them: orjson, and Postgres's to_jsonb.

ROWJSON_EXAMPLES says how many of each; `make fuzz` runs many.

dumps writes the bytes that orjson writes with OPT_UTC_Z, and refuses what orjson refuses, except:

- ints beyond 64 bits: all digits, where orjson refuses them;
- offsets from UTC with seconds: kept, where orjson rounds them to minutes;
- times with a time zone, timedeltas, Decimals, bytes, IP addresses: written, where orjson refuses them;
- subclasses of float and tuple, named tuples among them: written as what they derive from, where orjson refuses them;
- dict keys of a subclass of str: written, where orjson refuses them;
- a dataclass: its declared fields in their order, where orjson takes what its __dict__ holds, in that order;
- times with 10,000 to 99,999 microseconds: right, where orjson 3.13.0 leaves out a zero (.10000 for .010000);
- the UUIDs that asyncpg returns, a subclass: written, where orjson refuses them;
- nesting: 254 levels of lists, dicts and the like, as in orjson, but a value for `default` is a level here;
- messages of errors.

to_jsonb differs as test_packed.py says.
"""

import enum
import json
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rowjson import Column, Shape, dumps

Fetch = Callable[..., list[Any]]

EXAMPLES = int(os.environ.get("ROWJSON_EXAMPLES", "200"))
# These are slower than the others, because of their statements and the many types in each row.
ROW_EXAMPLES = EXAMPLES // 5


class Text(str):
    __slots__ = ()


class Number(int):
    pass


class Row(list[Any]):
    pass


class Mapping(dict[str, Any]):
    pass


class Word(enum.Enum):
    TEXT = "text"
    NUMBER = 1.5
    NESTED = (1, ("a", None))


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2**63


@dataclass
class Note:
    text: Any
    rating: Any
    _private: Any = None


@dataclass(frozen=True, slots=True)
class Slots:
    a: Any
    b: Any


class Opaque:
    pass


MINUTES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
# Named zones are used only at times when their offset is in whole minutes: see above.
MOMENTS = st.datetimes(timezones=st.none() | MINUTES | st.timezones()).filter(
    lambda moment: (moment.utcoffset() or timedelta(0)).seconds % 60 == 0
)
# For the other fractions see above.
TIMES = st.times().filter(lambda time: not 10_000 <= time.microsecond < 100_000)
# Including lone surrogates, which are refused.
TEXTS = st.text(max_size=40) | st.text(st.characters(), max_size=5) | st.text('"\\/\x00\x1f\x7f a', max_size=80)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.integers(-1000, 1000),
    st.floats(),
    st.floats(width=32),
    TEXTS,
    MOMENTS,
    st.dates(),
    TIMES,
    st.uuids(),
    st.sampled_from([*Word, *Size]),
    TEXTS.map(Text),
    st.integers(-(2**63), 2**64 - 1).map(Number),
)
REFUSED = st.sampled_from([Opaque(), {1}, 1j, object, ...])


def containers(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(values, max_size=6),
        st.lists(values, max_size=6).map(tuple),
        st.lists(values, max_size=6).map(Row),
        st.dictionaries(TEXTS, values, max_size=6),
        st.dictionaries(TEXTS, values, max_size=6).map(Mapping),
        st.builds(Note, values, values),
        st.builds(Slots, values, values),
        st.dictionaries(st.integers() | st.none() | TEXTS, values, max_size=2),
    )


VALUES = st.recursive(SCALARS, containers, max_leaves=20)
MIXED = st.recursive(SCALARS | REFUSED, containers, max_leaves=8)


def outcome(write: Callable[[], bytes]) -> bytes | None:
    """What it writes, or None if it refuses."""
    try:
        return write()
    except TypeError:
        return None


@settings(max_examples=EXAMPLES)
@given(VALUES)
def test_a_value_is_what_orjson_writes(value: Any) -> None:
    expected = outcome(lambda: orjson.dumps(value, option=orjson.OPT_UTC_Z))
    assert outcome(lambda: dumps(value)) == expected


@settings(max_examples=EXAMPLES // 10 + 1)
@given(MIXED)
def test_the_default_hook_is_called_as_orjson_calls_it(value: Any) -> None:
    def default(value: Any) -> Any:
        if value is ...:
            raise TypeError
        return [value.__class__.__name__, None]

    expected = outcome(lambda: orjson.dumps(value, default=default, option=orjson.OPT_UTC_Z))
    assert outcome(lambda: dumps(value, default=default)) == expected
    assert (outcome(lambda: dumps(value)) is None) == (outcome(lambda: orjson.dumps(value)) is None)


# Names that Postgres accepts: at most 63 bytes, and no zero byte. Two columns may have the same name.
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=15) | st.sampled_from("ab")
STORED = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
INT8 = st.integers(-(2**63), 2**63 - 1)
# Postgres has no year 0, and in UTC the year may be another.
STAMPS = st.datetimes(timezones=MINUTES).filter(lambda moment: 1 < moment.year < 9999)
COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "text": STORED,
    "int8": INT8,
    "int2": st.integers(-(2**15), 2**15 - 1),
    "float8": st.floats(),
    "bool": st.booleans(),
    "uuid": st.uuids(),
    "date": st.dates(),
    "time": TIMES,
    "timestamp": st.datetimes(),
    "timestamptz": STAMPS,
    "text[]": st.lists(st.none() | STORED, max_size=4),
    "int8[]": st.lists(st.none() | INT8, max_size=4),
    "timestamptz[]": st.lists(st.none() | STAMPS, max_size=3),
}
FIELDS = st.lists(
    st.sampled_from(sorted(COLUMNS)).flatmap(lambda kind: st.tuples(NAMES, st.just(kind), st.none() | COLUMNS[kind])),
    max_size=8,
)


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@pytest.fixture(scope="module")
def earlier() -> deque[Any]:
    """Records of any query."""
    return deque(maxlen=4)


@settings(max_examples=EXAMPLES)
@given(fields=FIELDS, rows=st.integers(1, 3))
def test_records_are_what_orjson_writes_for_their_dicts(
    fetch: Fetch, earlier: deque[Any], fields: list[tuple[str, str, Any]], rows: int
) -> None:
    columns = ", ".join(f"${place}::{kind} AS {identifier(name)}" for place, (name, kind, _) in enumerate(fields, 1))
    query = f"SELECT {columns} FROM generate_series(1, {rows})"  # noqa: S608 - identifiers are quoted
    records = fetch(query, *[value for _, _, value in fields])
    mixed = [*earlier, *records, *earlier]
    earlier.append(records[0])
    # Only UUIDs need the hook.
    assert dumps(mixed) == orjson.dumps([dict(record) for record in mixed], default=str, option=orjson.OPT_UTC_Z)
    # A tuple of the record's values is the same document, by a shape.
    names = [name for name, _, _ in fields]
    if fields and len(set(names)) == len(names):
        shape = Shape(names)
        assert dumps(shape.rows(records)) == dumps(records) == dumps(shape.rows([tuple(row) for row in records]))


def in_range(bounds: tuple[Any, Any], ends: str, missing: int) -> str:
    """The text of a range from two bounds in any order, each of which may be missing."""
    lower, upper = sorted(bounds)
    return f"{ends[0]}{'' if missing & 1 else lower},{'' if missing & 2 else upper}{ends[1]}"


def ranges(bounds: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    ends = st.sampled_from(["[]", "[)", "(]", "()"])
    return st.builds(in_range, st.tuples(bounds, bounds), ends, st.integers(0, 3)) | st.just("empty")


def offset(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


NUMERICS = st.builds(lambda digits, scale: str(Decimal(digits).scaleb(-scale)), st.integers(), st.integers(-40, 60))
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | STORED,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(STORED, values, max_size=3),
    max_leaves=6,
).map(json.dumps)
DATES = st.dates().filter(lambda date: date.year < 9999)
LOCAL = st.datetimes().map(str)
ZONED = st.builds(
    lambda moment, minutes: f"{moment}{offset(minutes)}",
    STAMPS.map(lambda at: at.replace(tzinfo=None)),
    st.integers(-959, 959),
)
PRINTED = st.text(st.characters(codec="ascii", min_codepoint=1), max_size=1)
TAG = st.text(st.characters(codec="utf-8", categories=["L", "N"]), max_size=10).map(lambda text: f"<a>{text}</a>")
INET = st.builds(
    lambda address, bits: f"{address}/{bits % (address.max_prefixlen + 1)}", st.ip_addresses(), st.integers(0)
)
FLOAT4 = st.floats(width=32).map(repr)

# Each type, and texts that it can be cast from.
TYPES: dict[str, st.SearchStrategy[str]] = {
    "bool": st.booleans().map(str),
    "bytea": st.binary(max_size=30).map(lambda raw: f"\\x{raw.hex()}"),
    '"char"': PRINTED,
    "name": st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=15),
    "int8": INT8.map(str),
    "int2": st.integers(-(2**15), 2**15 - 1).map(str),
    "int4": st.integers(-(2**31), 2**31 - 1).map(str),
    "text": STORED,
    "oid": st.integers(0, 2**32 - 1).map(str),
    "json": JSONS,
    "jsonb": JSONS,
    "xml": TAG,
    "cidr": st.ip_addresses().map(str),
    "inet": INET,
    "float4": FLOAT4,
    "float8": st.floats().map(repr),
    "bpchar": STORED,
    "varchar": STORED,
    "date": st.dates().map(str),
    "time": st.times().map(str),
    "timestamp": LOCAL,
    "timestamptz": ZONED,
    "timetz": st.builds(lambda time, minutes: f"{time}{offset(minutes)}", st.times(), st.integers(-959, 959)),
    "interval": st.builds(
        lambda months, days, us: f"{months} months {days} days {us} microseconds",
        st.integers(-(2**31), 2**31 - 1),
        st.integers(-(2**31), 2**31 - 1),
        st.integers(-(2**53), 2**53),
    ),
    "numeric": NUMERICS | st.sampled_from(["NaN", "Infinity", "-Infinity"]),
    "uuid": st.uuids().map(str),
    "int4range": ranges(st.integers(-(2**31), 2**31 - 2)),
    "int8range": ranges(st.integers(-(2**63), 2**63 - 2)),
    "numrange": ranges(NUMERICS.map(Decimal)),
    "daterange": ranges(DATES),
    "tsrange": ranges(st.datetimes()),
    "tstzrange": ranges(st.datetimes()),
}


def arrays(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[Any]]:
    """Arrays of one or two dimensions, with NULLs."""
    element = st.none() | texts
    rows = st.integers(1, 3).flatmap(
        lambda width: st.lists(st.lists(element, min_size=width, max_size=width), max_size=2)
    )
    return st.lists(element, max_size=4) | rows


# One statement for all rows, with a column for each type and for an array of it.
CASTS = [
    (kind, f"(${2 * place + 1}::text)::{kind}", f"(${2 * place + 2}::text[])::{kind}[]")
    for place, kind in enumerate(TYPES)
]
CELLS = ", ".join(f'{one} AS "{kind.strip(chr(34))}", {many} AS "{kind.strip(chr(34))}[]"' for kind, one, many in CASTS)
QUERY = f"SELECT record_send(t) AS packed, to_jsonb(t) AS json FROM (SELECT {CELLS}) t"  # noqa: S608 - ours
PLACES = [place for place, _ in enumerate(TYPES)]
ALL = Shape([name for kind in TYPES for name in (kind.strip('"'), Column(f"{kind.strip(chr(34))}[]", "text"))])


@settings(max_examples=ROW_EXAMPLES)
@given(data=st.data())
def test_a_packed_row_is_what_to_jsonb_writes(
    fetch: Fetch, comparable: Callable[[str, Any], Any], data: st.DataObject
) -> None:
    values: list[Any] = [None] * (2 * len(TYPES))
    kinds = list(TYPES)
    for place in data.draw(st.lists(st.integers(0, len(values) - 1), min_size=1, max_size=8, unique=True)):
        texts = TYPES[kinds[place // 2]]
        values[place] = data.draw(arrays(texts) if place % 2 else texts)
    (row,) = fetch(QUERY, *values)
    ours = json.loads(dumps(ALL.row(row["packed"])), parse_float=Decimal)
    theirs = json.loads(row["json"], parse_float=Decimal)
    assert list(ours) == [name for kind in TYPES for name in (kind.strip('"'), f"{kind.strip(chr(34))}[]")]
    for name, value in ours.items():
        kind = name.removesuffix("[]")
        assert comparable(kind, value) == comparable(kind, theirs[name]), name
