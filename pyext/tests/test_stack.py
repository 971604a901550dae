"""How deep a document may be depends on the stack that is left. Deeper ones are a TypeError, never a crash.

Each test runs a process of its own, because a crash would end it.
"""

import subprocess
import sys

import pytest

# The smallest that Python allows, its default here, and sizes between them.
SIZES = [32 << 10, 64 << 10, 256 << 10, 8 << 20]
DEPTHS = [1, 3, 6, 10, 15, 20, 30, 60, 120, 254, 300, 5000]
PRELUDE = """
import struct, sys, threading
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from ipaddress import ip_address
from uuid import UUID
from zoneinfo import ZoneInfo

from rowjson import Column, Group, Many, Nest, Nullable, One, Shape, dumps

@dataclass
class Field:
    value: object

def nested(depth, around, value):
    for _ in range(depth):
        value = around(value)
    return value

def in_thread(size, call):
    outcome = []
    def run():
        try:
            call()
            outcome.append("done")
        except (TypeError, ValueError) as error:
            assert "thread's stack" in str(error) or "nested deeper" in str(error), error
            outcome.append("refused")
    threading.stack_size(size)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return outcome[0]
"""


def outcomes(program: str, size: int) -> list[str]:
    """The outcome for each depth. `program` defines make(depth), which returns the function that the thread calls."""
    program = f"{PRELUDE}\n{program}\nfor depth in {DEPTHS}:\n    print(in_thread({size}, make(depth)))\n"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    return done.stdout.split()


def expect(found: list[str], size: int, limit: int) -> None:
    """Shallow documents are written on any stack, deep ones on a large one, and others are refused."""
    assert len(found) == len(DEPTHS)
    assert found == sorted(found)
    assert found[:2] == ["done", "done"]
    assert found[-1] == "refused"
    if size >= 8 << 20:
        assert found.count("done") >= sum(depth <= limit for depth in DEPTHS)


AROUND = {
    "list": "lambda value: [value]",
    "tuple": "lambda value: (value,)",
    "dict": "lambda value: {'a': value}",
    "dataclass": "Field",
    "rows": "lambda value: Shape(['a']).rows([(value,)])",
}
# Values whose writing takes stack of its own, when there may be little left.
LEAVES = """[
    1, 2**200, Decimal("1.5"), UUID(int=1), datetime(2024, 1, 31, tzinfo=ZoneInfo("Europe/Berlin")),
    ip_address("::1"), "é\\n" * 3000, Enum("E", "A").A, frozenset([2, 1]),
]"""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND.keys())
def test_values_in_one_another(around: str, size: int) -> None:
    program = f"""
def make(depth):
    value = nested(depth, {around}, {LEAVES})
    return lambda: dumps(value, default=sorted)
"""
    # The list of leaves is one level, and what is in it two.
    expect(outcomes(program, size), size, 250)


@pytest.mark.parametrize("size", SIZES)
def test_what_default_makes_of_what_default_made(size: int) -> None:
    program = """
class Next:
    def __init__(self, depth):
        self.depth = depth

def make(depth):
    return lambda: dumps(Next(depth), default=lambda value: [Next(value.depth - 1)] if value.depth else None)
"""
    expect(outcomes(program, size), size, 120)


SHAPES = {
    "object": """
def make(depth):
    shape = Shape(["a"], nested(min(depth, 253), lambda inner: {"a": inner}, {"a": "a"}))
    value = nested(max(depth - 253, 0), lambda value: [value], shape.rows([(1,)]))
    return lambda: dumps(value)
""",
    "many": """
def make(depth):
    shape = nested(min(depth, 253), lambda inner: Shape([Many("a", inner)]), Shape(["a"]))
    row = nested(min(depth, 253), lambda row: ([row],), (1,))
    value = nested(max(depth - 253, 0), lambda value: [value], shape.rows([row]))
    return lambda: dumps(value)
""",
    "one": """
def make(depth):
    shape = nested(min(depth, 253), lambda inner: Shape([One("a", inner)]), Shape(["a"]))
    row = nested(min(depth, 253), lambda row: (row,), (1,))
    value = nested(max(depth - 253, 0), lambda value: [value], shape.rows([row]))
    return lambda: dumps(value)
""",
    "packed": """
def record(oid, value):
    return struct.pack(">iIi", 1, oid, len(value)) + value

def make(depth):
    shape = nested(min(depth, 253), lambda inner: Shape([Many("a", inner)]), Shape(["a"]))
    row = record(23, bytes(4))
    for _ in range(min(depth, 253)):
        row = record(2287, struct.pack(">iiIiii", 1, 0, 2249, 1, 1, len(row)) + row)
    value = nested(max(depth - 253, 0), lambda value: [value], shape.rows(row))
    return lambda: dumps(value)
""",
    "nest": """
def make(depth):
    shape, rows = Shape(["a"]), {}
    for level in range(min(depth, 253)):
        shape = Shape(["a"], {"n": Nest(f"r{level}", shape)})
        rows[f"r{level}"] = [(1,)]
    value = nested(max(depth - 253, 0), lambda value: [value], shape.rows([(1,)], **rows))
    return lambda: dumps(value)
""",
    "group": """
def make(depth):
    document = nested(min(depth, 252), lambda inner: {"a": Nullable("a", inner)}, {"a": "a"})
    shape = Shape(["a"], {"a": "a", "g": Group("a", document)}, group_by="a")
    value = nested(max(depth - 253, 0), lambda value: [value], shape.rows([(1,), (1,)]))
    return lambda: dumps(value)
""",
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("program", SHAPES.values(), ids=SHAPES.keys())
def test_rows_by_a_shape_of_many_levels(program: str, size: int) -> None:
    expect(outcomes(program, size), size, 250)


# The dict is made and freed outside of the thread, because Python itself overruns a small stack when it frees one.
DOCUMENTS = {
    "object": """
def make(depth):
    document = nested(depth, lambda inner: {"a": inner}, {"a": "a"})
    return lambda: Shape(["a"], document)
""",
    "nullable": """
def make(depth):
    return lambda: Shape(["a"], nested(depth, lambda inner: {"a": Nullable("a", inner)}, {"a": "a"}))
""",
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("program", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_document_is_declared(program: str, size: int) -> None:
    expect(outcomes(program, size), size, 250)


@pytest.mark.parametrize("shape", ["object", "many", "nest"])
def test_a_shape_ends_on_a_small_stack_whatever_its_height(shape: str) -> None:
    program = f"""
{SHAPES[shape]}
def drop(made):
    value = made.pop()
    del value
for depth in (10, 100, 250):
    made = [make(depth)]
    print(in_thread(32 << 10, lambda: drop(made)))
"""
    done = subprocess.run([sys.executable, "-c", PRELUDE + program], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["done"] * 3, (done.returncode, done.stderr[-2000:])


@pytest.mark.parametrize("size", SIZES)
def test_json_that_is_embedded_takes_no_stack_for_its_levels(size: int) -> None:
    program = """
def make(depth):
    text = '[{"a":' * depth * 100 + "1" + "}]" * depth * 100
    shape = Shape([Column("a", "json")])
    value = nested(300 if depth == 5000 else 0, lambda value: [value], shape.row((text,)))
    return lambda: dumps(value)
"""
    assert outcomes(program, size) == ["done"] * (len(DEPTHS) - 1) + ["refused"]
