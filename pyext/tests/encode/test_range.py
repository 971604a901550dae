"""asyncpg's ranges."""

from decimal import Decimal
from typing import Any

import pytest
from asyncpg import Range
from rowjson import dumps


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Range(1, 10), b'{"lower":1,"upper":10,"bounds":"[)"}'),
        (Range(1, 10, lower_inc=False, upper_inc=True), b'{"lower":1,"upper":10,"bounds":"(]"}'),
        (Range(None, Decimal("1.10")), b'{"lower":null,"upper":1.10,"bounds":"()"}'),
        (Range(), b'{"lower":null,"upper":null,"bounds":"()"}'),
        (Range(empty=True), b'{"empty":true}'),
        ([Range(1, 2), Range(3, 4)], b'[{"lower":1,"upper":2,"bounds":"[)"},{"lower":3,"upper":4,"bounds":"[)"}]'),
    ],
)
def test_ranges_are_objects(value: Any, expected: bytes) -> None:
    assert dumps(value) == expected


def test_a_bound_without_json_is_named_with_its_path() -> None:
    with pytest.raises(TypeError, match=r"^no JSON for set, at \$\.range\.upper$"):
        dumps({"range": Range(1, {2})})
