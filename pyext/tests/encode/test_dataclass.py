"""Dataclasses."""

from dataclasses import InitVar, dataclass, field, make_dataclass
from typing import Any, ClassVar

import pytest
from rowjson import dumps


@dataclass
class Note:
    text: str
    rating: int | None = None
    _private: int = 3
    kind: ClassVar[str] = "note"
    seed: InitVar[int] = 0
    tags: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Recipe:
    id: int
    notes: list[Note]


@dataclass
class Special(Note):
    extra: bool = True


def test_a_dataclass_is_its_fields() -> None:
    assert dumps(Note("é", 5)) == '{"text":"é","rating":5,"tags":[]}'.encode()
    recipe = Recipe(1, [Note("a"), Special("b", 2)])
    assert dumps(recipe) == (
        b'{"id":1,"notes":[{"text":"a","rating":null,"tags":[]},{"text":"b","rating":2,"tags":[],"extra":true}]}'
    )


def test_what_is_no_field_is_left_out() -> None:
    note = Note("a")
    note.more = 1  # type: ignore[attr-defined] # what this is about
    assert b"more" not in dumps(note)
    assert dumps(make_dataclass("Empty", [])()) == b"{}"
    assert dumps(make_dataclass("Hidden", [("_a", int)])(1)) == b"{}"


def test_the_path_leads_through_a_dataclass() -> None:
    with pytest.raises(TypeError, match=r"^no JSON for set, at \$\.notes\[0\]\.tags\[1\]$"):
        dumps(Recipe(1, [Note("a", tags=[0, {1}])]))


def test_a_field_that_is_not_set_is_an_error() -> None:
    note = Note("a")
    del note.tags
    with pytest.raises(AttributeError, match="tags") as raised:
        dumps([note])
    assert raised.value.__notes__ == ["while encoding $[0]"]


def test_a_dataclass_that_holds_itself_is_refused() -> None:
    note = Note("a")
    note.tags.append(note)
    with pytest.raises(TypeError, match="nested deeper"):
        dumps(note)


def test_a_dataclass_itself_is_no_value() -> None:
    with pytest.raises(TypeError, match=r"^no JSON for type, at \$$"):
        dumps(Note)
