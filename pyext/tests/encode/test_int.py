"""Ints of any size."""

import sys

import pytest
from rowjson import dumps


@pytest.mark.parametrize("bits", [63, 64, 65, 100, 1000, 10_000])
def test_ints_have_all_their_digits(bits: int) -> None:
    for number in (2**bits - 1, 2**bits, -(2**bits), -(2**bits) - 1):
        assert dumps(number) == str(number).encode()
        assert dumps([number]) == f"[{number}]".encode()


def test_an_int_of_more_digits_than_python_converts_is_refused() -> None:
    longest = 10 ** sys.get_int_max_str_digits() - 1
    assert len(dumps(longest)) == sys.get_int_max_str_digits()
    with pytest.raises(TypeError, match=r"^an int of more digits than sys\.get_int_max_str_digits\(\), at \$\.n$"):
        dumps({"n": longest + 1})
