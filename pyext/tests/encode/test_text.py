"""Text, and what is written as its str(): identifiers and addresses."""

import json
from ipaddress import ip_address, ip_interface, ip_network
from typing import Any
from uuid import UUID

import pytest
from rowjson import dumps


def test_strings_have_escapes_only_where_json_needs_them() -> None:
    controls = "".join(map(chr, range(0x20)))
    assert dumps(controls + '"\\/\x7f\u2028') == (
        b'"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f'
        b"\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a\\u001b\\u001c\\u001d"
        b'\\u001e\\u001f\\"\\\\/\x7f\xe2\x80\xa8"'
    )


@pytest.mark.parametrize("length", range(70))
@pytest.mark.parametrize("special", ['"', "\\", "\n", "é", "😀"])
def test_an_escape_is_found_at_every_place(special: str, length: int) -> None:
    for place in range(length + 1):
        text = "a" * place + special + "b" * (length - place)
        assert json.loads(dumps(text)) == text


@pytest.mark.parametrize("text", ["\ud800", "a\udfff", "é\udc00b"])
def test_a_lone_surrogate_is_refused(text: str) -> None:
    with pytest.raises(TypeError, match=r"^a str with a lone surrogate, which is not Unicode, at \$\[0\]$"):
        dumps([text])
    with pytest.raises(TypeError, match="lone surrogate"):
        dumps({text: 1})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (UUID(int=1), b'"00000000-0000-0000-0000-000000000001"'),
        (ip_address("10.0.0.1"), b'"10.0.0.1"'),
        (ip_address("::1"), b'"::1"'),
        (ip_interface("10.0.0.1/8"), b'"10.0.0.1/8"'),
        (ip_interface("2001:db8::1/32"), b'"2001:db8::1/32"'),
        (ip_network("10.0.0.0/8"), b'"10.0.0.0/8"'),
        (ip_network("2001:db8::/32"), b'"2001:db8::/32"'),
    ],
)
def test_identifiers_and_addresses_are_text(value: Any, expected: bytes) -> None:
    assert dumps(value) == expected
