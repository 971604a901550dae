"""Files of call stacks: written as flame graphs read them, and read without trust."""

import gzip
from pathlib import Path

import pytest
from showdown.sampling.call_stacks import collapsed, parsed, read_stacks, total, write_stacks
from showdown_contract.errors import ShowdownError

SAMPLES = {("main (a b.py:1)", "run (c.py:2)"): 3, ("main (a b.py:1)",): 1}
LINES = "main (a b.py:1) 1\nmain (a b.py:1);run (c.py:2) 3\n"


def test_a_stack_is_a_line_with_its_number() -> None:
    assert collapsed(SAMPLES) == LINES
    assert parsed(LINES) == SAMPLES
    assert total(SAMPLES) == 4


def test_the_same_stack_twice_is_counted_together() -> None:
    assert parsed("a;b 1\na;b 2\n") == {("a", "b"): 3}


def test_the_same_samples_are_the_same_file(tmp_path: Path) -> None:
    one, other = tmp_path / "one.stacks.gz", tmp_path / "other.stacks.gz"
    write_stacks(SAMPLES, one)
    write_stacks(dict(reversed(SAMPLES.items())), other)
    assert one.read_bytes() == other.read_bytes()
    assert read_stacks(one) == SAMPLES


@pytest.mark.parametrize("line", ["a;b", "a;b -1", "a;b 1.5", " 3", "a;b ٣"])
def test_another_line_is_refused(line: str) -> None:
    with pytest.raises(ShowdownError, match="is no call stack with a number"):
        parsed(line)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a;b 1\n", "is not a file of call stacks"),
        (gzip.compress(b"\xff 1\n", mtime=0), "is not a file of call stacks"),
        (gzip.compress(b"a;b\n", mtime=0), "no call stack with a number"),
        (gzip.compress(LINES.encode(), mtime=0)[:-9], "ends too early"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "some.stacks.gz"
    path.write_bytes(content)
    with pytest.raises(ShowdownError, match=reason):
        read_stacks(path)


def test_what_is_too_large_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "some.stacks.gz"
    path.write_bytes(gzip.compress(b"a" * (64 * 2**20 + 1)))
    with pytest.raises(ShowdownError, match="holds more than 64 MiB"):
        read_stacks(path)
