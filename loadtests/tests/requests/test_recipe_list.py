"""A list is the user's first page."""

from random import Random

from showdown.requests.kind import Seeded
from showdown.requests.recipe_list import KIND, LIST_LIMIT, is_full_page
from showdown.requests.recipes import USER
from showdown_contract import answers

RANDOM = Random(1)  # noqa: S311 - load, not secrets


def test_a_list_is_the_users_first_page() -> None:
    (request,) = KIND.of_one_user(Seeded(2_000))
    assert request.path == f"/api/v1/recipes?limit={LIST_LIMIT}"
    assert request.right(answers.first_page(USER, 2_000, LIST_LIMIT))
    assert not request.right(answers.first_page(USER + 1, 2_000, LIST_LIMIT))


def test_a_random_user_gets_that_users_page() -> None:
    request = KIND.of_any_user(RANDOM, Seeded(2_000))
    user = int(request.headers["Cookie"][-4:])
    assert request.right(answers.first_page(user, 2_000, LIST_LIMIT))
    assert not request.right(answers.first_page(user + 1, 2_000, LIST_LIMIT))


def test_a_page_that_is_not_compared_has_at_least_as_many_summaries_as_it_should() -> None:
    assert is_full_page(answers.first_page(USER, 2_000, LIST_LIMIT))
    assert not is_full_page(answers.first_page(USER, 2_000, LIST_LIMIT - 1))
