"""The bytes object that is written grows as needed, and is never copied."""

import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from rowjson import Shape, dumps

Fetch = Callable[..., list[Any]]

# How much more memory than the output is allowed: room is made by an estimate, to which a part is added. Measured:
# 344,359 bytes at the peak for an output of 334,196.
ROOM = 17 / 16
SLACK = 4 * 1024
QUERY = "SELECT * FROM recipes ORDER BY id LIMIT 1000"


def peak(write: Callable[[], bytes]) -> tuple[int, int]:
    """The peak of allocated memory while it wrote, and the size of what it wrote, in bytes."""
    write()
    tracemalloc.start()
    try:
        length = len(write())
        return tracemalloc.get_traced_memory()[1], length
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("length", [0, 1, 1000, 1021, 1022, 1023, 1024, 1025, 5000, 100_000, 3_000_000])
def test_documents_of_any_length_are_whole(length: int) -> None:
    text = "x" * length
    assert dumps(text) == f'"{text}"'.encode()
    assert dumps([text, 1, text]) == f'["{text}",1,"{text}"]'.encode()
    assert dumps({"é" * length: "é" * length}) == f'{{"{"é" * length}":"{"é" * length}"}}'.encode()


@pytest.mark.parametrize("long", ["first", "last"])
def test_an_odd_element_misleads_no_estimate(long: str) -> None:
    values = ["x" * 200_000, *["y"] * 10_000]
    values = values if long == "first" else values[::-1]
    assert dumps(values) == json.dumps(values, separators=(",", ":")).encode()


def test_a_first_element_of_many_does_not_ask_for_all_memory() -> None:
    values = ["x" * 100_000, *[""] * 100_000]
    used, length = peak(lambda: dumps(values))
    assert used < 5 * length


def test_records_need_no_more_than_their_output(fetch: Fetch) -> None:
    records = fetch(QUERY)
    used, length = peak(lambda: dumps(records))
    assert len(records) == 1000
    assert used <= length * ROOM + SLACK


def test_shapes_need_no_more_than_their_output(fetch: Fetch, pack: Callable[..., bytes]) -> None:
    records, rows = fetch(QUERY), pack(QUERY)
    shape = Shape(list(records[0].keys()))
    for source in (records, rows):
        used, length = peak(lambda source=source: dumps(shape.rows(source)))  # type: ignore[misc] # mypy knows no such lambda
        # A list's rows are copied to a tuple, which has a pointer for each.
        assert used <= length * ROOM + 8 * len(records) + SLACK


def test_a_document_for_which_there_is_no_memory_is_a_memory_error() -> None:
    program = """
import resource, rowjson
text = "x" * (100 << 20)
resource.setrlimit(resource.RLIMIT_AS, (700 << 20, 700 << 20))
try:
    rowjson.dumps([text] * 10)
except MemoryError:
    print("refused")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "refused\n", done.stderr[:500]


# Prints whether memory sufficed if it is limited to what is used now, and a part more than what is written.
LIMITED = """
import gc, json, os, resource
import rowjson

MIB = 1 << 20
value = {value}
length = len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())
{after}
gc.collect()
with open("/proc/self/statm") as statm:
    used = int(statm.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + int(length * {part}) + 3 * MIB,) * 2)
try:
    print(len(rowjson.dumps(value)) == length)
except MemoryError:
    print("no memory")
"""


def written_with(part: float, value: str, after: str = "") -> str:
    program = LIMITED.format(part=part, value=value, after=after)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    return done.stdout.strip()


LARGE = [
    '["x" * (200 * MIB), *(["a"] * 1000)]',
    '["x" * (200 * MIB), *([["a"]] * 100_000)]',
    '[*(["a"] * 1000), "x" * (200 * MIB)]',
    '["x" * (50 * MIB)] * 4',
    '{"a": ["x" * (100 * MIB), *([1] * 1000)], "b": ["x" * (100 * MIB), "a"]}',
    '[["a" * 1000] * 100] * 1000',
]


@pytest.mark.parametrize("value", LARGE)
def test_a_document_is_written_where_there_is_memory_for_it(value: str) -> None:
    assert written_with(33 / 32, value) == "True"
    assert written_with(15 / 16, value) == "no memory"


def test_text_that_is_not_ascii_needs_its_utf8_besides() -> None:
    value = '["é" * (50 * MIB), *(["é"] * 1000)]'
    assert written_with(2.05, value) == "True"
    assert written_with(0.9, value) == "no memory"
    # A str that caches its UTF-8 does not encode it again.
    assert written_with(1.05, value, after="rowjson.dumps(value)") == "True"
