"""What a request may say. Each rule is compared with a second, simpler implementation of it."""

import json
import string
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from python_service.errors import ApiError, ErrorKind

from python_service import parameters

KEY_CHARACTERS = set(string.ascii_letters + string.digits + "_-")
# Texts close to numbers, which are the most likely to be accepted by mistake.
near_numbers = st.text("0123456789+-. _e\n٣", max_size=21) | st.integers(-2, 2**64).map(str) | st.text()


def outcome(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function returns, or the kind of the ApiError that it raises."""
    try:
        return function(*arguments)
    except ApiError as error:
        return error.kind


def number(text: str, low: int, high: int) -> int | None:
    """A number in its shortest form, in range."""
    return next((n for n in [int(text)] if str(n) == text and low <= n <= high), None) if _is_integer(text) else None


def _is_integer(text: str) -> bool:
    try:
        int(text)
    except ValueError:
        return False
    return True


@given(near_numbers)
@example("9223372036854775807")
@example("9223372036854775808")
@example("0")
@example("1\n")
def test_an_id_is_a_bigint_from_1(text: str) -> None:
    expected = number(text, 1, 2**63 - 1)
    assert outcome(parameters.recipe_id, text) == (ErrorKind.BAD_ID if expected is None else expected)


@given(st.lists(st.tuples(st.sampled_from(["limit", "after", "Limit", "other"]), near_numbers), max_size=3))
@example([])
@example([("limit", "500"), ("after", "9223372036854775807")])
@example([("limit", "501"), ("after", "x")])
def test_a_page_is_a_limit_then_an_after_each_at_most_once(pairs: list[tuple[str, str]]) -> None:
    limits = [value for name, value in pairs if name == "limit"] or ["100"]
    afters = [value for name, value in pairs if name == "after"] or ["0"]
    limit = number(limits[0], 1, 500) if len(limits) == 1 else None
    after = number(afters[0], 0, 2**63 - 1) if len(afters) == 1 else None
    expected = ErrorKind.BAD_LIMIT if limit is None else ErrorKind.BAD_AFTER if after is None else (limit, after)
    assert outcome(parameters.page, urlencode(pairs, errors="replace")) == expected


@pytest.mark.parametrize(
    ("query_string", "expected"),
    [
        ("limit", ErrorKind.BAD_LIMIT),
        ("limit=", ErrorKind.BAD_LIMIT),
        ("limit=%2B5", ErrorKind.BAD_LIMIT),
        ("%6Cimit=7", (7, 0)),
        ("&&after=3&", (100, 3)),
        ("limit=5;after=3", ErrorKind.BAD_LIMIT),
        ("after=%FF", ErrorKind.BAD_AFTER),
    ],
)
def test_a_query_string_is_read_as_forms_are(query_string: str, expected: object) -> None:
    assert outcome(parameters.page, query_string) == expected


@given(st.text("ab_-Z9 \t\"'é", max_size=6) | st.sampled_from(["a" * 128, "a" * 129]))
def test_a_session_key_has_1_to_128_characters_of_a_small_alphabet(key: str) -> None:
    stripped = key.strip(" \t") if key[:1] not in {" ", "\t"} else key
    good = 1 <= len(stripped) <= 128 and set(stripped) <= KEY_CHARACTERS
    for cookie in (f"sessionid={key}", f"theme=dark; sessionid={key}", f"a=b;sessionid={key};c=d"):
        assert outcome(parameters.session_key, cookie) == (stripped if good else ErrorKind.UNAUTHORIZED)


@pytest.mark.parametrize("cookie", [None, "", "sessionid", "xsessionid=a", "SESSIONID=a", "theme=sessionid=a", "a b"])
def test_no_cookie_of_that_name_is_no_session(cookie: str | None) -> None:
    assert outcome(parameters.session_key, cookie) is ErrorKind.UNAUTHORIZED


def test_several_cookie_fields_are_one() -> None:
    assert outcome(parameters.session_key, parameters.cookie(["theme=dark", "sessionid=a"])) == "a"
    assert outcome(parameters.session_key, parameters.cookie(["sessionid=a", "sessionid=b"])) == "a"
    assert outcome(parameters.session_key, parameters.cookie([])) is ErrorKind.UNAUTHORIZED


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8", "application/json ;a"])
def test_json_has_one_media_type_whatever_its_case_and_parameters(content_type: str) -> None:
    parameters.require_json(content_type)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/jsonx",
        "application/x-json",
        "json",
        "application/json\xa0",
        "\x85application/json",
    ],
)
def test_other_media_types_are_refused(content_type: str | None) -> None:
    assert outcome(parameters.require_json, content_type) is ErrorKind.UNSUPPORTED_MEDIA_TYPE


def test_a_body_may_have_16384_bytes() -> None:
    parameters.require_small(16384)
    assert outcome(parameters.require_small, 16385) is ErrorKind.BODY_TOO_LARGE


@given(st.text(max_size=30) | st.integers(1998, 2002).map(lambda size: "🧂" * size))
@example("\0")
@example("\ud800")
def test_a_text_has_1_to_2000_characters_without_nul(text: str) -> None:
    good = 1 <= len(text) <= 2000 and "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)
    body = json.dumps({"text": text}).encode()
    assert outcome(parameters.note_text, body) == (text if good else ErrorKind.BAD_BODY)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text", "x"]), inner, max_size=2),
)


@given(json_values.filter(lambda value: not (isinstance(value, dict) and isinstance(value.get("text"), str))))
def test_other_json_is_refused(value: object) -> None:
    assert outcome(parameters.note_text, json.dumps(value).encode()) is ErrorKind.BAD_BODY


@given(st.binary(max_size=20))
@example(b"[" * 16000)
@example(b'{"text":' * 2000)
@example(b'{"x":' * 2000)
@example(b'\xef\xbb\xbf{"text":"hi"}')
@example(b'{"text":" "}')
def test_no_bytes_are_an_unexpected_error(body: bytes) -> None:
    found = outcome(parameters.note_text, body)
    assert found is ErrorKind.BAD_BODY or isinstance(found, str)
