"""The raw requests are well-formed data, and an answer that is not in the contract's form is noticed."""

from collections import Counter

import pytest
from showdown_contract.files import golden_body
from showdown_contract.raw import (
    CLOSED,
    CODES,
    Pause,
    RawAnswer,
    RawCase,
    Send,
    Shut,
    form_fault,
    is_proxys_page,
    load_raw_cases,
    raw_case,
)

CASES = load_raw_cases()
JSON = "application/json"


def case(name: str) -> RawCase:
    return next(case for case in CASES if case.name == name)


def test_every_case_has_a_name_of_its_own() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) >= 500


@pytest.mark.parametrize("each", CASES, ids=lambda each: each.name)
def test_every_case_sends_something_and_says_what_may_come_back(each: RawCase) -> None:
    assert any(isinstance(step, Send | Shut) for step in each.steps)
    for answers in (each.direct, each.haproxy):
        assert answers
        assert all(status == CLOSED or 200 <= int(status) <= 505 for answer in answers for status in answer)
    assert each.seconds < 15


def test_a_note_that_must_not_be_stored_is_told_from_all_others() -> None:
    texts = [case.unstored for case in CASES if case.unstored]
    assert len(texts) == len(set(texts)) > 50
    for each in CASES:
        sent = b"".join(step.data for step in each.steps if isinstance(step, Send))
        assert each.unstored is None or "201" not in "".join(map(str, (*each.direct, *each.haproxy))), each.name
        assert not [text for text in texts if f'"{text}"'.encode() in sent and text != each.unstored], each.name


def test_heads_are_said_to_be_heads() -> None:
    for each in CASES:
        sent = b"".join(step.data for step in each.steps if isinstance(step, Send)).lstrip(b"\r\n")
        assert each.head is sent.startswith(b"HEAD "), each.name


def test_no_two_cases_send_the_same() -> None:
    sent = Counter(repr(each.steps) for each in CASES)
    assert [steps for steps, times in sent.items() if times > 1] == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"unstord": "n00"}, "no case has the field unstord"),
        ({"send": [{"part": "note", "times": 2}]}, "unknown piece"),
    ],
)
def test_a_field_that_is_spelt_wrong_is_refused(wrong: dict[str, object], told: str) -> None:
    entry = {"name": "one", "send": "GET / HTTP/1.1\r\n\r\n", "expect": "400"}
    with pytest.raises(ValueError, match=told):
        raw_case("host", entry | wrong, {"note": ""}, "by-id")


def test_characters_are_bytes() -> None:
    assert case("target: a byte beyond ASCII").steps == [
        Send(b"GET /h\xe9althz HTTP/1.1\r\nHost: a\r\nCookie: sessionid=golden-ada\r\n\r\n")
    ]


def test_a_text_can_be_repeated() -> None:
    (step,) = case("target: an id of 400 digits").steps
    assert isinstance(step, Send)
    assert step.data.count(b"4") == 400


def test_a_drip_is_pauses_and_bytes() -> None:
    first, *drip = case("slow: a head that drips").steps
    assert first == Send(b"GET /healthz HTTP/1.1\r\nHost: a\r\n")
    assert drip == [Pause(1), Send(b"X: a\r\n")] * 13


def test_a_second_answer_has_statuses_of_its_own() -> None:
    assert case("connection: two requests at once").direct == [frozenset({"200"}), frozenset({"200", "closed"})]


def test_every_code_of_an_error_has_a_golden_body() -> None:
    assert {"bad_request", "request_timeout", "head_too_large", "internal", "gateway_timeout"} <= CODES


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("host: one", RawAnswer(200, JSON, golden_body("healthz"))),
        ("host: none", RawAnswer(400, JSON, golden_body("bad_request"))),
        ("host: none", RawAnswer(400, None, b"")),
    ],
)
def test_an_answer_in_the_contracts_form_has_no_fault(name: str, answer: RawAnswer) -> None:
    assert form_fault(case(name), answer, through_haproxy=False) is None


@pytest.mark.parametrize(
    ("name", "answer", "fault"),
    [
        ("host: one", RawAnswer(200, JSON, b"{}"), "another body"),
        ("host: none", RawAnswer(400, "text/plain", b"Bad Request"), "not in the contract's form"),
        ("host: none", RawAnswer(400, "text/html", golden_body("bad_request")), "not in the contract's form"),
        ("host: none", RawAnswer(400, JSON, b'{"error":{"code":"oops","message":""}}'), "not in the contract's form"),
        ("host: none", RawAnswer(400, JSON, b"[]"), "not in the contract's form"),
        ("host: none", RawAnswer(404, JSON, b""), "not in the contract's form"),
        ("host: none", RawAnswer(500, JSON, b""), "not in the contract's form"),
    ],
)
def test_an_answer_in_another_form_is_a_fault(name: str, answer: RawAnswer, fault: str) -> None:
    assert fault in str(form_fault(case(name), answer, through_haproxy=False))


def test_haproxys_own_page_is_haproxys_alone() -> None:
    body = b"<html><body><h1>400 Bad request</h1>\nYour browser sent an invalid request.\n</body></html>\n"
    page = RawAnswer(400, "text/html", body)
    assert form_fault(case("host: none"), page, through_haproxy=True) is None
    assert form_fault(case("host: none"), page, through_haproxy=False) is not None
    assert is_proxys_page(case("head: no Host"), body)
    assert not is_proxys_page(case("head: no Host"), golden_body("bad_request"))
    assert not is_proxys_page(case("host: none"), body)
