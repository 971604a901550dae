"""JSON that exists already."""

from typing import Any

import pytest
from rowjson import Fragment, Shape, dumps


@pytest.mark.parametrize("contents", ['{"a" : [1]}', b'{"a" : [1]}'])
def test_a_fragment_is_written_as_it_is(contents: str | bytes) -> None:
    fragment = Fragment(contents)
    assert dumps(fragment) == b'{"a" : [1]}'
    assert dumps([fragment, {"k": fragment}]) == b'[{"a" : [1]},{"k":{"a" : [1]}}]'
    assert dumps(Shape(["f"]).rows([(fragment,)])) == b'[{"f":{"a" : [1]}}]'


def test_a_fragment_is_not_checked() -> None:
    assert dumps([Fragment("é nonsense"), Fragment(b"\xff"), Fragment("")]) == "[é nonsense,".encode() + b"\xff,]"


@pytest.mark.parametrize("contents", [1, None, bytearray(b"1"), memoryview(b"1"), ["1"]])
def test_a_fragment_is_made_of_str_or_bytes(contents: Any) -> None:
    with pytest.raises(TypeError, match=f"^a Fragment is made of str or bytes, not {type(contents).__name__}$"):
        Fragment(contents)


def test_default_may_return_one() -> None:
    assert dumps({1}, default=lambda value: Fragment(str(len(value)))) == b"1"
