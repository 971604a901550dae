"""What counts as a difference between two services, and which raw requests are made to find one."""

import json
from collections.abc import Sequence

import psycopg
import pytest
from differential import (
    LIST,
    Answered,
    Difference,
    as_case,
    differing,
    kind_of,
    let_in,
    normalised,
    raw_requests,
    stored_notes,
)
from showdown_contract import people
from showdown_contract.random_requests import Asked
from showdown_contract.seed import undo_writes
from showdown_stack.answers import Answer
from showdown_stack.tiers import Tiers


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


def test_long_bodies_are_compared_to_their_ends() -> None:
    assert normalised(answer(200, b"x" * 100_000)) == normalised(answer(200, b"x" * 100_000))
    assert normalised(answer(200, b"x" * 100_000)) != normalised(answer(200, b"x" * 99_999 + b"y"))
    assert len(repr(normalised(answer(200, b"x" * 100_000)))) < 1_000


HIDDEN = next(index for index in range(100) if not people.may_see(0, index))
MINE = next(iter(people.recipes_of(0, 100)))


@pytest.mark.parametrize(
    ("status", "recipe", "user", "is_in"),
    [
        (200, HIDDEN, 0, True),
        (201, HIDDEN, 0, True),
        (502, HIDDEN, 0, True),
        (200, HIDDEN, None, True),
        (404, HIDDEN, 0, False),
        (405, HIDDEN, 0, False),
        (200, MINE, 0, False),
        (200, None, None, False),
    ],
)
def test_whoever_is_let_in_is_found(status: int, recipe: int | None, user: int | None, *, is_in: bool) -> None:
    assert let_in(Asked("GET", "/", recipe=recipe, user=user), answer(status, b"{}")) is is_in


@pytest.mark.parametrize(
    ("ids", "is_in"),
    [
        ([], False),
        ([people.FIRST_ID + MINE], False),
        ([people.FIRST_ID + MINE, people.FIRST_ID + HIDDEN], True),
        ([people.FIRST_ID - 1], True),
    ],
)
def test_whoever_sees_anothers_recipe_in_a_page_is_found(ids: list[int], *, is_in: bool) -> None:
    page = answer(200, json.dumps({"recipes": [{"id": id_} for id_ in ids]}).encode())
    assert let_in(Asked("GET", f"{LIST}?limit=2", user=0), page) is is_in
    assert not let_in(Asked("GET", LIST), page)


def test_notes_at_anothers_recipe_are_counted(stack: Tiers) -> None:
    dsn = stack.postgres.owner_dsn
    undo_writes(dsn)
    with psycopg.connect(dsn) as database:
        (first_user,) = database.execute(
            "SELECT user_id FROM sessions WHERE key = %s", [people.session_key(0)]
        ).fetchone() or (0,)
        for recipe in (MINE, HIDDEN):
            database.execute(
                "INSERT INTO notes (recipe_id, text, created_by_id) VALUES (%s, 'x', %s)",
                [people.FIRST_ID + recipe, first_user],
            )
    (number, _), not_theirs = stored_notes(dsn)
    undo_writes(dsn)
    assert (number, not_theirs) == (2, 1)
    assert stored_notes(dsn)[0][0] == 0


def test_no_answer_and_a_fault_are_told_from_answers() -> None:
    assert [Answered(compared).failed for compared in ((200,), (404,), (500,), (503,), ("no answer: refused",))] == [
        *(False, False, True, True, True)
    ]


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
    assert as_case(b"\r\nHEAD /healthz HTTP/1.1\r\n\r\n").head
    assert not as_case(b"head /healthz HTTP/1.1\r\n\r\n").head
