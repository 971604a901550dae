"""Messages name the type and the path to it."""

import contextlib
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pytest
from rowjson import Shape, dumps


class Opaque:
    pass


NAME = f"{Opaque.__module__}.{Opaque.__qualname__}"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (Opaque(), "$"),
        ([0, Opaque()], "$[1]"),
        ((0, (Opaque(),)), "$[1][0]"),
        ({"a": {"b": Opaque()}}, "$.a.b"),
        ([0, 1, 2, {"notes": [{"rating": Opaque()}]}], "$[3].notes[0].rating"),
        ({"a b": Opaque()}, '$["a b"]'),
        ({"": Opaque()}, '$[""]'),
        ({"1": [Opaque()]}, '$["1"][0]'),
        ({"é": Opaque()}, "$.é"),
        ({'"': Opaque()}, '$["\\""]'),
    ],
)
def test_the_path_is_as_it_would_be_written(value: Any, path: str) -> None:
    with pytest.raises(TypeError) as raised:
        dumps(value)
    assert str(raised.value) == f"no JSON for {NAME}, at {path}"


def test_a_long_path_is_cut_in_its_middle() -> None:
    value: Any = Opaque()
    for index in range(40):
        value = [*[0] * index, value]
    with pytest.raises(TypeError) as raised:
        dumps(value)
    assert str(raised.value).endswith(
        ", at $[39][38][37][36][35][34][33][32][31][30]…[9][8][7][6][5][4][3][2][1][0]",
    )


@pytest.mark.parametrize("value", [{1}, 1j, object(), range(1)])
def test_builtins_are_named_without_their_module(value: Any) -> None:
    with pytest.raises(TypeError, match=rf"^no JSON for {type(value).__name__}, at \$$"):
        dumps(value)


def test_the_path_leads_through_shapes() -> None:
    shape = Shape(["id", "value"], {"id": "id", "inner": {"value": "value"}})
    with pytest.raises(TypeError, match=r"^no JSON for set, at \$\.all\[1\]\.inner\.value\[2\]$"):
        dumps({"all": shape.rows([(1, 0), (2, [0, 0, {3}])])})


def test_what_a_values_own_code_raises_comes_out_with_a_note_of_the_path() -> None:
    class Broken(tzinfo):
        def utcoffset(self, _: datetime | None) -> timedelta:
            message = "broken"
            raise RuntimeError(message)

        dst = utcoffset

        def tzname(self, _: datetime | None) -> str:
            return "broken"

    with pytest.raises(RuntimeError, match="broken") as raised:
        dumps([{"a": datetime(2024, 1, 31, tzinfo=Broken())}])
    assert raised.value.__notes__ == ["while encoding $[0].a"]


def test_an_error_leaves_nothing_behind() -> None:
    for _ in range(3):
        with pytest.raises(TypeError):
            dumps([[[Opaque()]]])
        assert dumps([[[1]]]) == b"[[[1]]]"


def test_an_exception_that_is_raised_again_and_again_keeps_the_newest_notes() -> None:
    class AgainError(Exception):
        pass

    again = AgainError()
    again.add_note("of its own")

    def default(_: Any) -> Any:
        raise again

    for number in range(1000):
        with pytest.raises(AgainError):
            dumps([0] * number + [Opaque()], default=default)
    assert again.__notes__[0] == "of its own"
    assert again.__notes__[1:] == [f"while encoding $[{number}]" for number in range(992, 1000)]
    assert again.__context__ is None
    assert again.__cause__ is None


def test_what_an_exception_collects_besides_is_what_python_adds() -> None:
    """Python adds an entry to the traceback for each frame. dumps has no frame."""

    def length(error: BaseException) -> int:
        count, traceback = 0, error.__traceback__
        while traceback is not None:
            count, traceback = count + 1, traceback.tb_next
        return count

    again = LookupError()

    def default(_: Any) -> Any:
        raise again

    def called(call: Any) -> int:
        again.__traceback__ = None
        for _ in range(100):
            with contextlib.suppress(LookupError):
                call()
        return length(again)

    assert called(lambda: dumps(Opaque(), default=default)) == called(lambda: default(1))


def test_each_call_that_an_exception_passes_through_adds_its_note() -> None:
    def raises(_: Any) -> Any:
        raise LookupError

    def default(_: Any) -> Any:
        return dumps({"inner": Opaque()}, default=raises)

    with pytest.raises(LookupError) as caught:
        dumps([Opaque()], default=default)
    assert caught.value.__notes__ == ["while encoding $.inner", "while encoding $[0]"]


def test_notes_that_are_none_are_no_reason_to_lose_the_exception() -> None:
    def default(_: Any) -> Any:
        error = LookupError()
        error.__notes__ = "oops"  # type: ignore[assignment] # what this is about
        raise error

    with pytest.raises(LookupError):
        dumps(Opaque(), default=default)
