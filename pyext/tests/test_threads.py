"""Several threads at once, and many calls one after another."""

import gc
import sys
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID

import psutil
import pytest
from rowjson import Column, Fragment, Nest, Shape, dumps

Fetch = Callable[..., list[Any]]

THREADS = 4
CALLS = 100_000
# What an allocator may keep. A leak of one byte for each call of each path would be far more.
MARGIN = 4 * 1024 * 1024


class Opaque:
    pass


def resident() -> int:
    """The memory of this process, in bytes."""
    gc.collect()
    size: int = psutil.Process().memory_info().rss
    return size


def test_threads_write_what_is_theirs(fetch: Fetch) -> None:
    query = 'SELECT i AS id, $1::text AS "{}", now() AS at FROM generate_series(1, 50) i'
    rows = [fetch(query.format(thread), f"of thread {thread}") for thread in range(THREADS)]
    expected = [dumps([dict(record) for record in records]) for records in rows]
    together = Barrier(THREADS)

    def write(thread: int) -> set[bytes]:
        together.wait()
        return {dumps(rows[thread]) for _ in range(300)}

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(THREADS) as threads:
            written = list(threads.map(write, range(THREADS)))
    finally:
        sys.setswitchinterval(before)
    assert written == [{one} for one in expected]


def test_threads_may_interrupt_each_other_in_the_default_hook(fetch: Fetch) -> None:
    records = fetch("SELECT i AS id FROM generate_series(1, 3) i")
    shape = Shape(["id"])
    together = Barrier(THREADS)

    def default(value: set[int]) -> Any:
        # Waits for the others in the middle of their calls.
        together.wait()
        return shape.rows(records[: min(value)])

    with ThreadPoolExecutor(THREADS) as threads:
        written = list(threads.map(lambda n: dumps([{n}, records[n % 3], {n}], default=default), [1, 2, 3, 1]))
    one, two, three = (dumps(records[:count]) for count in (1, 2, 3))
    assert written == [
        b"[" + one + b',{"id":2},' + one + b"]",
        b"[" + two + b',{"id":3},' + two + b"]",
        b"[" + three + b',{"id":1},' + three + b"]",
        b"[" + one + b',{"id":2},' + one + b"]",
    ]


def test_threads_that_end_leave_nothing_that_breaks(fetch: Fetch) -> None:
    """What a thread remembers of types and keys is freed when it ends."""

    class Own(str):
        __slots__ = ()

    for number in range(20):
        records = fetch(f"SELECT {number} AS k{number}")
        with ThreadPoolExecutor(1) as thread:
            assert thread.submit(dumps, [*records, Own("a")]).result() == f'[{{"k{number}":{number}}},"a"]'.encode()


def test_what_is_written_is_not_kept() -> None:
    class Value:
        pass

    def default(value: Value) -> list[str]:
        return [type(value).__name__]

    value = Value()
    ended = weakref.ref(value)
    shape = Shape(["a"])
    assert dumps([value, shape.rows([(value,)]), {"a": value}], default=default) == (
        b'[["Value"],[{"a":["Value"]}],{"a":["Value"]}]'
    )
    with pytest.raises(TypeError):
        dumps([value])
    del value
    assert ended() is None


def test_rows_that_hold_their_own_shape_end() -> None:
    class Value:
        pass

    value = Value()
    ended = weakref.ref(value)
    rows: list[Any] = [(value,)]
    rows.append((Shape(["a"]).rows(rows),))
    del rows, value
    gc.collect()
    assert ended() is None


@pytest.fixture
def paths(fetch: Fetch, pack: Callable[..., bytes]) -> list[Callable[[], Any]]:
    """Calls that cover each code path of the extension."""
    query = "SELECT i AS id, 'é' || i AS name, now() AS at, ARRAY[i, NULL] AS list FROM generate_series(1, 3) i"
    records, packed = fetch(query), pack(query)
    shape = Shape(["id", "name", "at", "list"], {"id": "id", "in": {"name": "name"}, "list": "list"})
    child = Shape(["key", Column("json", "json")])
    parent = Shape(["id"], {"id": "id", "n": Nest("n", child, key="key", parent="id")})
    children = [(1, '{"a":1}'), (2, "[]")]
    values = {"d": Decimal("1.10"), "u": UUID(int=1), "b": b"\xff", "big": 2**80, "f": Fragment("1"), "t": (1.5, None)}

    def fails(write: Callable[[], Any]) -> None:
        try:
            write()
        except (TypeError, ValueError, LookupError):
            return
        pytest.fail("it should be refused")

    def raises(_: Any) -> Any:
        raise LookupError

    return [
        lambda: dumps(records),
        lambda: dumps(shape.rows(records)),
        lambda: dumps(shape.rows(packed)),
        lambda: dumps(parent.rows([(1,), [2]], n=children)),
        lambda: dumps([values, "x" * 2000]),
        lambda: dumps([Opaque()], default=lambda _: {"a": [1]}),
        lambda: Shape(["a", "b"], {"x": {"y": "a"}}),
        lambda: fails(lambda: dumps([{"a": (Opaque(),)}])),
        lambda: fails(lambda: dumps([Opaque()], default=raises)),
        lambda: fails(lambda: dumps(shape.rows(packed[:-3]))),
        lambda: fails(lambda: dumps(shape.rows([(1,)]))),
        lambda: fails(lambda: Shape(["a"], {"x": "b"})),
    ]


def test_many_calls_need_no_more_memory_than_few(paths: list[Callable[[], Any]]) -> None:
    rounds = CALLS // len(paths)
    for round_ in range(rounds):
        for call in paths:
            call()
        if round_ == rounds // 10:
            warm = resident()
    assert resident() - warm < MARGIN
