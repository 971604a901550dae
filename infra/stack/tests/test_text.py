"""Text from elsewhere is shown without control characters, and only a bounded part of it."""

from pathlib import Path

import pytest
from showdown_stack.text import LINE_CHARACTERS, TAIL_BYTES, printable, tail


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ß × 12 µs — worth it", "ß × 12 µs — worth it"),
        ("two\n\tlines", "two\n\tlines"),
        ("\x1b]0;title\x07\x1b[2J", "\\x1b]0;title\\x07\\x1b[2J"),
        ("a\rb\x00\u202eevil\u2028", "a\\rb\\x00\\u202eevil\\u2028"),
        ("caf\udce9", "caf\\udce9"),
    ],
)
def test_control_characters_are_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_line_is_one_line() -> None:
    assert printable("one\ntwo", keep="") == "one\\ntwo"


def test_the_end_of_a_huge_log_is_read_and_no_more(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with log.open("wb") as file:
        # A sparse file: it takes no disk space, but reading all of it would take all memory.
        file.truncate(2**40)
        file.seek(0, 2)
        file.write(b"\nfirst\nsecond\nthird\n")
    assert tail(log, 2) == f"The end of {log}:\n  second\n  third"


def test_a_line_without_end_is_cut(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_bytes(b"x" * (2 * TAIL_BYTES))
    _, line = tail(log, 12).splitlines()
    assert line == f"  {'x' * (LINE_CHARACTERS - 1)}…"


def test_what_a_log_says_is_made_printable(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_bytes(b"\x1b[31mred\xff\n")
    assert tail(log, 12) == f"The end of {log}:\n  \\x1b[31mred�"


def test_a_log_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert tail(tmp_path / "server.log", 12) == f"{tmp_path}/server.log cannot be read (No such file or directory)."
