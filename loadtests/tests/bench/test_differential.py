"""What counts as a difference between two services, and which raw requests are made to find one."""

import json
from collections.abc import Sequence

import pytest
from differential import Difference, as_case, differing, kind_of, let_in, normalised, raw_requests
from showdown_contract import people
from showdown_contract.random_requests import Asked
from showdown_stack.answers import Answer


def answer(status: int, body: bytes, **headers: str) -> Answer:
    return Answer(status, {"content-type": "application/json", "date": str(id(body)), **headers}, body, whole=True)


def note(**members: object) -> bytes:
    return json.dumps({"id": 1, "text": "x", "created_at": "2026-01-02T03:04:05Z", **members}).encode()


def test_what_a_service_chooses_by_itself_is_no_difference() -> None:
    assert normalised(answer(201, note())) == normalised(answer(201, note(id=2, created_at="2026-01-02T03:04:06Z")))
    assert normalised(answer(201, note())) != normalised(answer(201, note(text="y")))


@pytest.mark.parametrize(
    "other",
    [answer(200, b"{}"), answer(404, b"{ }"), answer(404, b"{}", allow="GET"), Answer(404, {}, b"{}", whole=True)],
)
def test_status_body_and_some_fields_have_to_be_equal(other: Answer) -> None:
    assert normalised(answer(404, b"{}")) == normalised(answer(404, b"{}", server="other"))
    assert normalised(answer(404, b"{}")) != normalised(other)


def test_whoever_is_let_in_is_found() -> None:
    hidden = next(index for index in range(100) if not people.may_see(0, index))
    mine = next(iter(people.recipes_of(0, 100)))
    for status, recipe, user, is_in in (
        (200, hidden, 0, True),
        (201, hidden, 0, True),
        (200, hidden, None, True),
        (404, hidden, 0, False),
        (200, mine, 0, False),
        (200, None, None, False),
    ):
        assert let_in(Asked("GET", "/", recipe=recipe, user=user), (status,)) is is_in


@pytest.mark.parametrize(
    ("statuses", "kind"),
    [
        (["200", "404"], ("200", "404")),
        (["400"], ("refused",)),
        (["closed"], ("refused",)),
        (["200", "400", "200"], ("200", "refused")),
        (["waits"], ("waits",)),
    ],
)
def test_how_a_server_refuses_is_no_difference(statuses: Sequence[str], kind: tuple[str, ...]) -> None:
    assert kind_of(statuses) == kind


def test_what_all_answer_in_one_way_is_no_difference() -> None:
    answers = {"first": [(200,), (404,)], "second": [(200,), (200,)]}
    assert list(differing(["a", "b"], answers)) == [Difference("b", {"first": (404,), "second": (200,)})]


def test_raw_requests_are_the_same_for_the_same_seed() -> None:
    assert raw_requests(1, 20) == raw_requests(1, 20) != raw_requests(2, 20)
    assert as_case(b"HEAD /healthz HTTP/1.1\r\n\r\n").head
    assert not as_case(b"GET /healthz HTTP/1.1\r\n\r\n").head
