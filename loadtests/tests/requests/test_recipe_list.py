"""A list is the user's first page."""

from random import Random

import pytest
from showdown.requests.kind import Kind, Seeded
from showdown.requests.recipe_list import KIND, OTHER_KINDS, is_full_page, rows
from showdown.requests.recipes import USER
from showdown_contract import answers

RANDOM = Random(1)  # noqa: S311 - load, not secrets
# In larger ones not every answer is compared byte for byte.
LARGE = answers.KEPT + 1
LIMITS = [(KIND, 100), *zip(OTHER_KINDS, (1, 10, 500), strict=True)]


@pytest.mark.parametrize(("kind", "limit"), LIMITS)
def test_a_list_is_the_users_first_page(kind: Kind, limit: int) -> None:
    (request,) = kind.of_one_user(Seeded(2_000))
    assert request.path == f"/api/v1/recipes?limit={limit}"
    assert request.right(answers.first_page(USER, 2_000, limit))
    assert not request.right(answers.first_page(USER + 1, 2_000, limit))


def test_a_random_user_gets_that_users_page() -> None:
    request = KIND.of_any_user(RANDOM, Seeded(2_000))
    user = int(request.headers["Cookie"][-4:])
    assert request.right(answers.first_page(user, 2_000, 100))
    assert not request.right(answers.first_page(user + 1, 2_000, 100))


@pytest.mark.parametrize(("kind", "limit"), LIMITS)
def test_a_page_that_is_not_compared_has_as_many_summaries_as_it_should(kind: Kind, limit: int) -> None:
    asked = [kind.of_any_user(RANDOM, Seeded(LARGE)) for _ in range(20)]
    for request in asked:
        assert request.right(answers.first_page(int(request.headers["Cookie"][-4:]), LARGE, limit))
        assert not request.right(answers.first_page(USER, LARGE, limit + 1))


@pytest.mark.parametrize(("kind", "limit"), LIMITS)
def test_an_answer_has_as_many_rows_as_there_are_recipes_for_its_user(kind: Kind, limit: int) -> None:
    assert kind.rows is not None
    assert kind.rows(6_000) == limit
    assert kind.rows(200) == rows(USER, 200, limit)


def test_where_a_user_sees_fewer_recipes_a_page_has_fewer() -> None:
    assert rows(USER, 200, 500) < 100
    assert is_full_page(rows(USER, 200, 500), answers.first_page(USER, 200, 500))
