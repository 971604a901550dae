"""Decimals."""

from decimal import Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rowjson import dumps


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
