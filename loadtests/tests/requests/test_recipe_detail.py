"""A document is requested by a user that may see it, and must be right to the last byte."""

from random import Random

import pytest
from showdown.requests.kind import Seeded
from showdown.requests.recipe_detail import KIND
from showdown.requests.recipes import USER
from showdown_contract import answers, people
from showdown_contract.errors import ShowdownError

RANDOM = Random(1)  # noqa: S311 - load, not secrets


def index(path: str) -> int:
    return int(path.split("/")[4]) - people.FIRST_ID


def test_every_document_asked_for_is_one_that_the_user_may_see() -> None:
    requests = KIND.of_one_user(Seeded(200))
    asked = {index(request.path) for request in requests}
    assert asked
    assert asked < set(people.recipes_of(USER, 200))
    assert not any(map(people.is_written, asked))
    assert all(request.headers == {"Cookie": f"sessionid={people.session_key(USER)}"} for request in requests)


def test_only_the_right_document_of_a_path_is_right() -> None:
    first, second = KIND.of_one_user(Seeded(200))[:2]
    assert first.right(answers.recipe(index(first.path)))
    assert not first.right(answers.recipe(index(second.path)))


def test_where_the_look_up_is_random_any_document_of_the_users_is_right() -> None:
    first, second = KIND.of_one_user(Seeded(200, "random"))[:2]
    assert first.right(answers.recipe(index(second.path)))
    stranger = next(recipe for recipe in range(200) if not people.may_see(USER, recipe))
    assert not first.right(answers.recipe(stranger))


def test_too_few_recipes_are_explained() -> None:
    with pytest.raises(ShowdownError, match="none of the 0 recipes belongs to oha's user: raise --size"):
        KIND.of_one_user(Seeded(0))


def test_a_random_users_request_is_right_for_its_own_document() -> None:
    for _ in range(20):
        request = KIND.of_any_user(RANDOM, Seeded(200))
        assert not people.is_written(index(request.path))
        assert request.right(answers.recipe(index(request.path)))
        assert not request.right(answers.recipe(index(request.path) + 1))


def test_of_many_documents_most_are_compared_at_both_ends_only() -> None:
    many = Seeded(answers.KEPT + 1)
    requests = [KIND.of_any_user(RANDOM, many) for _ in range(40)]
    ends = [b'{"id":%d,}}' % (people.FIRST_ID + index(request.path)) for request in requests]
    assert any(request.right(end) for request, end in zip(requests, ends, strict=True))
