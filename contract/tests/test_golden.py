"""The golden cases are well-formed, and notice every difference."""

import json
import tomllib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from showdown_contract.answers import encode
from showdown_contract.files import GOLDEN, golden_body
from showdown_contract.golden import Case, byte_difference, load_cases
from showdown_contract.lookup import cases

CASES = load_cases()
BODIES = sorted(path.stem for path in (GOLDEN / "bodies").iterdir())
# Errors that no single well-formed request causes. Tests of the services and of haproxy do, and the raw requests.
NOT_REPLAYED = {
    "internal",
    "unavailable",
    "unavailable.busy",
    "bad_gateway",
    "bad_gateway.upstream",
    "gateway_timeout",
    "gateway_timeout.upstream",
    "bad_request",
    "request_timeout",
    "head_too_large",
}
JSON = {"content-type": "application/json"}


def case(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


def test_every_case_has_a_name_of_its_own() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) > 100


def test_every_body_is_used() -> None:
    entries: list[dict[str, Any]] = tomllib.loads((GOLDEN / "cases.toml").read_text())["case"]
    seeded = {name for name in BODIES if name.startswith("recipe-")}
    expected = {answer["expect"] for entry in entries for answer in (entry, *entry.get("or", []))}
    assert expected | seeded | NOT_REPLAYED == set(BODIES)
    assert not expected & NOT_REPLAYED


@pytest.mark.parametrize("name", [name for name in BODIES if not name.startswith("note-created")])
def test_every_body_is_compact_json_in_raw_utf_8(name: str) -> None:
    body = golden_body(name)
    assert encode(json.loads(body)) == body


def test_every_case_is_an_http_request() -> None:
    for each in CASES:
        assert each.path.startswith("/"), each.name
        assert each.method in {"GET", "POST", "DELETE", "OPTIONS", "PUT", "PATCH", "HEAD"}, each.name
        assert each.expected_headers["content-type"] == "application/json", each.name


def test_a_session_is_sent_as_a_cookie() -> None:
    assert case("recipe: an everyday document").headers == {"cookie": "sessionid=golden-ada"}


def test_a_body_is_sent_as_json_unless_its_headers_say_otherwise() -> None:
    created = case("note: created")
    assert created.headers["content-type"] == "application/json"
    assert json.loads(created.body or b"")["text"].endswith("the salt 🧂\n")
    assert case("note: media type with a parameter, in mixed case").headers["content-type"] == (
        "Application/JSON; charset=utf-8"
    )


def test_a_body_can_be_padded_and_need_not_be_text() -> None:
    assert len(case("note: a body of exactly 16384 bytes").body or b"") == 16384
    assert any(not is_utf_8(each.body) for each in CASES if each.body is not None)


def test_the_right_answer_has_no_difference() -> None:
    healthz = case("healthz")
    assert healthz.difference(200, JSON, golden_body("healthz")) is None


def test_a_wrong_status_is_told_first() -> None:
    assert case("healthz").difference(500, {}, b"oops") == "status 500, expected 200: b'oops'"


def test_a_wrong_header_is_named() -> None:
    not_allowed = case("405: OPTIONS")
    headers = JSON | {"allow": "GET"}
    assert not_allowed.difference(405, headers, not_allowed.expected_body) == (
        "header allow: 'GET', expected 'GET, HEAD'"
    )


def test_a_wrong_body_is_shown_where_it_begins_to_differ() -> None:
    difference = case("healthz").difference(200, JSON, b'{"status":"OK"}')
    assert difference == (
        "body differs from byte 11 (15 bytes, expected 15):\n"
        """  expected …b'{"status":"ok"}'\n"""
        """  actual   …b'{"status":"OK"}'"""
    )


@pytest.mark.parametrize(
    ("actual", "expected", "offset"), [(b"abc", b"abd", 2), (b"ab", b"abc", 2), (b"abc", b"ab", 2), (b"", b"a", 0)]
)
def test_the_offset_of_a_difference(actual: bytes, expected: bytes, offset: int) -> None:
    assert f"from byte {offset} " in byte_difference(actual, expected)


@given(st.binary(), st.binary(min_size=1), st.binary(min_size=1))
def test_the_offset_is_the_length_of_what_is_common(common: bytes, one: bytes, other: bytes) -> None:
    one, other = b"1" + one, b"2" + other
    assert f"from byte {len(common)} " in byte_difference(common + one, common + other)


CREATED = case("note: created")


def created(note_id: str, timestamp: str) -> bytes:
    return CREATED.expected_body.replace(b"<id>", note_id.encode()).replace(b"<timestamp>", timestamp.encode())


@pytest.mark.parametrize("note_id", ["1", "10", "9223372036854775807"])
@pytest.mark.parametrize("timestamp", ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000001Z"])
def test_placeholders_match_any_id_and_time(note_id: str, timestamp: str) -> None:
    assert CREATED.difference(201, JSON, created(note_id, timestamp)) is None


@pytest.mark.parametrize("note_id", ["", "0", "01", "-1", '"1"', "1.0", "null", "<id>"])
def test_placeholders_match_no_malformed_id(note_id: str) -> None:
    assert CREATED.difference(201, JSON, created(note_id, "2026-01-02T03:04:05Z")) is not None


@pytest.mark.parametrize(
    "timestamp",
    [
        "2026-01-02T03:04:05",
        "2026-01-02 03:04:05Z",
        "2026-01-02T03:04:05+00:00",
        "2026-01-02T03:04:05.5Z",
        "2026-01-02T03:04:05.123Z",
        "2026-01-02T03:04:05.1234567Z",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05.12345Z",
        "2026-01-02T03:04:05.000000Z",
        "<timestamp>",
    ],
)
def test_placeholders_match_no_malformed_time(timestamp: str) -> None:
    assert CREATED.difference(201, JSON, created("1", timestamp)) is not None


@pytest.mark.parametrize("changed", [(b"salt", b"Salt"), (b"Bo ", b"Bo"), (b"[]}", b"[]} "), (b"{", b" {")])
def test_around_placeholders_every_byte_counts(changed: tuple[bytes, bytes]) -> None:
    body = created("1", "2026-01-02T03:04:05Z")
    assert CREATED.difference(201, JSON, body.replace(*changed)) is not None


@pytest.mark.parametrize(
    ("right", "wrong", "difference"),
    [
        (b'"id":7', b'"id":07', "body differs from byte 6 "),
        (b"salt", b"Salt", "body differs from byte 47 "),
        (b"[]}", b"[] }", "body differs from byte 197 "),
    ],
)
def test_a_difference_behind_a_placeholder_is_shown_where_it_is(right: bytes, wrong: bytes, difference: str) -> None:
    body = created("7", "2026-01-02T03:04:05Z").replace(right, wrong, 1)
    told = CREATED.difference(201, JSON, body)
    assert told is not None
    assert told.startswith(difference)


def test_both_bodies_are_shown_around_their_first_difference() -> None:
    told = CREATED.difference(201, JSON, created("1234567", "2026-01-02T03:04:05Z").replace(b"salt", b"Salt"))
    assert told is not None
    _, expected, actual = told.split("\n")
    assert " the salt " in expected
    assert " the Salt " in actual


def test_without_placeholders_nothing_stands_for_something_else() -> None:
    literal = replace(CREATED, placeholders=False)
    assert literal.difference(201, JSON, CREATED.expected_body) is None
    assert literal.difference(201, JSON, created("1", "2026-01-02T03:04:05Z")) is not None


@pytest.mark.parametrize(
    "name", ["list: all", "recipe: Unicode beyond the BMP, combining, right-to-left, line separators, a BOM"]
)
def test_line_separators_may_be_escaped(name: str) -> None:
    right = case(name)
    escaped = right.expected_body.replace("\u2028".encode(), rb"\u2028").replace("\u2029".encode(), rb"\u2029")
    assert escaped != right.expected_body
    assert right.difference(200, JSON, escaped) is None
    # After an escaped backslash the same bytes are another text.
    assert right.difference(200, JSON, escaped.replace(rb"\u2028", rb"\\u2028")) is not None


def test_one_of_several_answers_is_enough() -> None:
    twice = case("note: of two members of one name the last counts, or the first, or it is refused")
    last, first, neither = created("1", "2026-01-02T03:04:05Z"), CREATED, b'{"id":1,"text":"firstTasty"}'
    assert twice.difference(201, JSON, last) is None
    text = first.expected_body.partition(b',"created_by"')[0].partition(b'"text":')[2]
    assert twice.difference(201, JSON, last.replace(text, b'"first"')) is None
    assert twice.difference(400, JSON, golden_body("bad_body")) is None
    assert twice.difference(201, JSON, neither) is not None
    assert twice.difference(400, JSON, b"{}") is not None


@pytest.mark.parametrize(
    "head",
    [
        case("HEAD: a recipe"),
        next(each for each in cases("random") if each.name == "HEAD: a recipe"),
        replace(case("HEAD: a recipe"), subset={"id": 1}),
    ],
    ids=["exact", "at random", "a part"],
)
def test_an_answer_to_head_has_no_body(head: Case) -> None:
    assert head.difference(200, JSON, b"") is None
    assert head.difference(200, JSON, b'{"id":1}') == """a body in the answer to HEAD: b'{"id":1}'"""
    assert head.difference(404, JSON, b"") == "status 404, expected 200: b''"


def is_utf_8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
