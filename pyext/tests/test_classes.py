"""What kind of value an object is: found out once for each type, and forgotten if there are too many types."""

import enum
import os
import subprocess
import sys
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Network, ip_address
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock
from uuid import UUID

import asyncpg
import pytest
from rowjson import dumps
from werkzeug.local import LocalProxy

Fetch = Callable[..., list[Any]]


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
    """Mocks with a spec, proxies and lazy objects claim a type whose memory layout they do not have."""
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


def test_a_class_may_become_a_dataclass_after_it_was_refused() -> None:
    class Later:
        value: int

    later = Later()
    later.value = 1
    with pytest.raises(TypeError, match=r"Later, at \$$"):
        dumps(later)
    dataclass(Later)
    assert dumps(later) == b'{"value":1}'
    del Later.__dataclass_fields__  # type: ignore[attr-defined] # what this is about
    with pytest.raises(TypeError, match=r"Later, at \$$"):
        dumps(later)


def test_other_bases_are_seen() -> None:
    class Plain:
        pass

    class Changing(Plain):
        value = "v"

        def __str__(self) -> str:
            return "text"

    class Identifier(UUID):
        __slots__ = ()

    changing = Changing()
    with pytest.raises(TypeError, match=r"Changing, at \$$"):
        dumps(changing)
    Changing.__bases__ = (type("Member", (Plain,), {}),)
    with pytest.raises(TypeError, match=r"Changing, at \$$"):
        dumps(changing)
    assert dumps(Identifier(int=1)) == b'"00000000-0000-0000-0000-000000000001"'


class Own(asyncpg.Record):
    pass


STANDING_FOR_ASYNCPG = {
    "a Mock": Mock(),
    "a Mock of the module": Mock(spec=asyncpg),
    "nothing": None,
    "other classes": SimpleNamespace(Record=Own, Range=dict, BitString=str),
}


@pytest.mark.parametrize("module", ["asyncpg", "asyncpg.types", "asyncpg.protocol", "asyncpg.protocol.record"])
@pytest.mark.parametrize("other", STANDING_FOR_ASYNCPG.values(), ids=STANDING_FOR_ASYNCPG.keys())
def test_what_stands_for_asyncpg_for_a_moment_changes_nothing(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch, module: str, other: Any
) -> None:
    class New(asyncpg.Record):
        pass

    class NewRange(asyncpg.Range[int]):
        pass

    record = fetch("SELECT 1 AS a", record_class=New)[0]
    values = [
        record,
        NewRange(1, 2),
        asyncpg.BitString.from_int(5, 3),
        new_type(dict, 1)(a=1),
        new_type(str, 2)("a"),
        Opaque(),
    ]
    expected = b'[{"a":1},{"lower":1,"upper":2,"bounds":"[)"},"101",{"a":1},"a","Opaque"]'
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, module, other)
        assert dumps(values, default=lambda value: type(value).__name__) == expected
    assert dumps(values, default=lambda value: type(value).__name__) == expected


class Opaque:
    pass


def test_a_class_of_asyncpgs_names_is_one_only_in_its_modules() -> None:
    class Record(dict[str, int]):
        pass

    class Range:
        isempty = True

    assert dumps(Record(a=1)) == b'{"a":1}'
    with pytest.raises(TypeError, match=r"Range, at \$$"):
        dumps(Range())


DESCRIPTORS = """
import asyncio, os, resource, sys
import asyncpg
from rowjson import dumps

asked = []

class First(asyncpg.Record):
    def __getattribute__(self, name):
        asked.append(name)
        return super().__getattribute__(name)

async def fetch():
    connection = await asyncpg.connect(sys.argv[1])
    query = "SELECT i AS a, i AS b, i AS c FROM generate_series(1, 100) i"
    both = [await connection.fetch(query, record_class=of) for of in (First, asyncpg.Record)]
    await connection.close()
    return both

first, usual = asyncio.run(fetch())
resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) - 1,) * 2)
try:
    os.pipe()
except OSError:
    print("none free")
print(dumps(first) == dumps(usual))

print(asked)
"""


def test_a_record_class_may_be_first_seen_while_no_descriptor_is_free() -> None:
    url = os.environ.get("DATABASE_OWNER_URL", os.environ.get("DATABASE_URL", ""))
    done = subprocess.run([sys.executable, "-c", DESCRIPTORS, url], capture_output=True, text=True, check=False)
    # The last line shows that no record was asked for its keys and values.
    assert done.stdout == "none free\nTrue\n[]\n", done.stderr[-2000:]


def test_records_are_read_from_memory_whichever_is_seen_first(fetch: Fetch) -> None:
    """A class that overrides __getitem__ still has asyncpg's layout."""

    class Odd(asyncpg.Record):
        def __getitem__(self, key: Any) -> Any:
            return "odd"

        def __len__(self) -> int:
            return 7

    assert dumps(fetch("SELECT 1 AS a, 'x' AS b", record_class=Odd)) == b'[{"a":1,"b":"x"}]'


def test_keys_that_each_record_makes_up_are_its_own(fetch: Fetch) -> None:
    class Numbered(asyncpg.Record):
        count = 0

        def keys(self) -> Any:
            Numbered.count += 1
            return [f"{key}{Numbered.count}" for key in super().keys()]  # noqa: SIM118 - a Record's own iteration is over its values

        def values(self) -> Any:
            return reversed(list(super().values()))

    records = fetch("SELECT i AS a, -i AS b FROM generate_series(1, 2) i", record_class=Numbered)
    assert dumps(records) == b'[{"a1":-1,"b1":1},{"a2":-2,"b2":2}]'


class Proxy:
    """Has all attributes of another object, including its class, as wrapt's proxies and lazy objects do."""

    def __init__(self, of: Any) -> None:
        object.__setattr__(self, "of", of)

    def __getattribute__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "of"), name)

    def __str__(self) -> str:
        return str(object.__getattribute__(self, "of"))


class Colour(enum.Enum):
    RED = "red"


def proxies(value: Any) -> list[Any]:
    return [Proxy(value), LocalProxy(lambda: value)]


@pytest.mark.parametrize("which", [0, 1])
def test_each_proxy_is_decided_by_what_it_stands_for_now(fetch: Fetch, which: int) -> None:
    """Values of each kind, one after the other: none is written as the kind before it."""
    written: list[tuple[Any, bytes | None]] = [
        (UUID(int=1), b'"00000000-0000-0000-0000-000000000001"'),
        ({"a": 1}, None),
        (ip_address("10.0.0.1"), b'"10.0.0.1"'),
        ("a", None),
        (Colour.RED, b'"red"'),
        (Decimal("1.5"), None),
        (asyncpg.Range(1, 2), b'{"lower":1,"upper":2,"bounds":"[)"}'),
        (asyncpg.BitString.from_int(5, 3), b'"101"'),
        (b"a", None),
        (fetch("SELECT 1 AS a")[0], b'{"a":1}'),
        (datetime(2024, 1, 31), None),  # noqa: DTZ001 - what this is about has no part in it
        (Opaque(), None),
    ]
    for value, expected in [*written, *written[::-1]]:
        proxy = proxies(value)[which]
        if expected is not None:
            assert dumps([proxy, proxy]) == b"[" + expected + b"," + expected + b"]"
        else:
            with pytest.raises(TypeError, match=r"^no JSON for .*Proxy, at \$$"):
                dumps(proxy)
            assert dumps(proxy, default=lambda _: 1) == b"1"


def test_a_proxy_of_nothing_raises_what_it_raises() -> None:
    class Unbound:
        @property  # type: ignore[misc] # what this is about
        def __class__(self) -> Any:
            message = "outside of a request"
            raise RuntimeError(message)

    class Value:
        pass

    value = Value()
    weak = weakref.proxy(value)
    with pytest.raises(TypeError, match=r"^no JSON for weakref\.ProxyType, at \$$"):
        dumps(weak)
    del value
    with pytest.raises(ReferenceError):
        dumps(weak)
    with pytest.raises(RuntimeError, match="outside of a request"):
        dumps(Unbound())


@pytest.mark.parametrize("spec", [UUID, IPv4Address, IPv6Network, Decimal, bytes])
def test_a_mock_is_nothing_of_what_it_stands_for(spec: type) -> None:
    with pytest.raises(TypeError, match=r"^no JSON for unittest\.mock\.Mock, at \$$"):
        dumps(Mock(spec=spec))
    assert dumps(Mock(spec=spec), default=lambda _: 1) == b"1"


@pytest.mark.parametrize("spec", [asyncpg.Record, asyncpg.Range, asyncpg.BitString, Colour])
def test_a_mock_of_what_is_read_by_its_interface_is_an_error(spec: type) -> None:
    with pytest.raises((TypeError, AttributeError)):
        dumps(Mock(spec=spec))
