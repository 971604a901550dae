"""The nutrition of a recipe that the user may see, and its right body to the last byte."""

from random import Random

from showdown.requests.kind import Request, Seeded
from showdown.requests.nutrition import KIND
from showdown.requests.recipes import USER
from showdown_contract import answers, people

RANDOM = Random(1)  # noqa: S311 - load, not secrets


def index(request: Request) -> int:
    return int(request.path.removeprefix("/api/v1/recipes/").removesuffix("/nutrition")) - people.FIRST_ID


def test_it_needs_an_upstream_and_no_database_is_its_ceiling() -> None:
    assert KIND.upstream
    assert KIND.ceiling is None


def test_every_recipe_asked_for_is_one_that_the_user_may_see() -> None:
    asked = set(map(index, KIND.of_one_user(Seeded(200))))
    assert asked
    assert asked < set(people.recipes_of(USER, 200))


def test_only_the_right_body_of_a_path_is_right() -> None:
    first, second = KIND.of_one_user(Seeded(200))[:2]
    body = answers.nutrition(index(first))
    assert first.right(body)
    assert not first.right(answers.nutrition(index(second)))
    assert not first.right(body.replace(b'"currency":"EUR"', b'"currency":"USD"'))


def test_a_random_users_request_is_right_for_its_own_recipe() -> None:
    for _ in range(20):
        request = KIND.of_any_user(RANDOM, Seeded(200))
        assert request.right(answers.nutrition(index(request)))
        assert not request.right(answers.nutrition(index(request) + 1))


def test_of_many_bodies_most_are_compared_at_both_ends_only() -> None:
    requests = [KIND.of_any_user(RANDOM, Seeded(answers.KEPT + 1)) for _ in range(40)]
    ends = [b'{"id":%d,"currency":"EUR"}' % (people.FIRST_ID + index(request)) for request in requests]
    assert any(request.right(end) for request, end in zip(requests, ends, strict=True))


def test_its_answer_is_known_without_a_service() -> None:
    request = KIND.of_one_user(Seeded(200))[0]
    assert KIND.answer is not None
    found = KIND.answer(request, Seeded(200))
    assert found is not None
    assert found.status == 200
    assert request.right(found.body)
    assert KIND.answer(Request("/api/v1/recipes/1001", bool), Seeded(200)) is None
    assert KIND.answer(Request("/api/v1/recipes/1/nutrition", bool), Seeded(200)) is None
