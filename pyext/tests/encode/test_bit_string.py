"""asyncpg's bit strings."""

import pytest
from asyncpg import BitString
from rowjson import dumps


@pytest.mark.parametrize("bits", ["", "1", "0101", "1" * 33])
def test_bit_strings_are_text(bits: str) -> None:
    value = BitString(bits)  # type: ignore[arg-type] # the stub says bytes
    assert dumps(value) == f'"{bits}"'.encode()
