"""bytes, bytearray and memoryview."""

import array
from typing import Any

import pytest
from rowjson import dumps


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_are_base64_or_hex(kind: Any) -> None:
    for raw, base64, hexadecimal in [
        (b"", b'""', b'""'),
        (b"\xfb\xff", b'"+/8="', b'"fbff"'),
        (b"\xfb\xff\xbf", b'"+/+/"', b'"fbffbf"'),
        (b"\0" * 1000, b'"' + b"A" * 1334 + b'=="', b'"' + b"0" * 2000 + b'"'),
    ]:
        value = kind(raw)
        assert dumps(value) == dumps(value, bytes="base64") == base64
        assert dumps([{"a": value}], bytes="hex") == b'[{"a":' + hexadecimal + b"}]"


def test_subclasses_and_slices_of_bytes_are_bytes() -> None:
    class Raw(bytes):
        pass

    assert dumps(Raw(b"ab"), bytes="hex") == b'"6162"'
    assert dumps(memoryview(b"a-b-c")[::2], bytes="hex") == b'"616263"'


def test_a_memoryview_of_other_items_is_refused() -> None:
    released = memoryview(b"a")
    released.release()
    for value in (memoryview(array.array("i", [1])), released):
        with pytest.raises(TypeError, match=r"^a memoryview of other items than bytes, at \$\[0\]$"):
            dumps([value])
