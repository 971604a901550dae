"""Outputs that differ are not timed."""

import re

import pytest
from bench.equal import require_equal_bytes, require_equal_rows
from bench.errors import UnequalOutputError

ROW = b'[{"id":1,"created_at":"2022-03-01T09:30:00Z"}]'


def test_equal_bytes_pass() -> None:
    require_equal_bytes("2 records", {"a": ROW, "b": bytes(ROW)})


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (b"[1,3]", "2 records: from byte 3 on, b gives b'3]' where a gives b'2]'; nothing was timed"),
        (b"[1,2", "2 records: from byte 4 on, b gives b'' where a gives b']'; nothing was timed"),
    ],
)
def test_other_bytes_are_refused_and_shown(output: bytes, message: str) -> None:
    with pytest.raises(UnequalOutputError, match=f"^{re.escape(message)}$"):
        require_equal_bytes("2 records", {"a": b"[1,2]", "b": output})


def test_rows_are_compared_as_values() -> None:
    require_equal_rows("1 row", {"a": ROW, "b": b'[{"id": 1, "created_at": "2022-03-01T09:30:00+00:00"}]\n'})


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (ROW.replace(b"09", b"10"), "as row 0 where a gives"),
        (ROW.replace(b"1,", b"2,"), "as row 0 where a gives"),
        (b"[]", "b gives 0 rows where a gives 1"),
    ],
)
def test_other_values_are_refused(output: bytes, message: str) -> None:
    with pytest.raises(UnequalOutputError, match=message):
        require_equal_rows("1 row", {"a": ROW, "b": output})
