"""Where the look-up is random, any whole recipe of the user is right, and nothing else."""

import json

import pytest
from showdown_contract import answers, people
from showdown_contract.files import golden_body
from showdown_contract.golden import Case, load_cases
from showdown_contract.lookup import cases, is_recipe_of

JSON = {"content-type": "application/json"}
RECIPES = 200
USER = 0
MINE = [recipe for recipe in people.recipes_of(USER, RECIPES) if not people.is_written(recipe)]
WRITTEN = next(recipe for recipe in people.recipes_of(USER, RECIPES) if people.is_written(recipe))
STRANGE = next(recipe for recipe in range(RECIPES) if not people.may_see(USER, recipe))
BY_NAME = {case.name: case for case in cases("random")}


def with_another_note(body: bytes) -> bytes:
    document = json.loads(body)
    notes = document["timeline"]["notes"]
    notes.append({**notes[0], "id": 10**6, "text": "a new one"})
    return answers.encode(document)


def test_any_recipe_of_the_user_is_right() -> None:
    assert all(is_recipe_of(USER, RECIPES, answers.recipe(recipe)) for recipe in MINE)


@pytest.mark.parametrize(
    "body",
    [
        answers.recipe(STRANGE),
        answers.recipe(MINE[0])[:-1],
        answers.recipe(MINE[0]) + b" ",
        answers.recipe(MINE[0]).replace(b'"title":"', b'"title":"An '),
        with_another_note(answers.recipe(MINE[0])),
        answers.recipe(RECIPES - 1).replace(b"1", b"2", 1),
        golden_body("recipe-usual"),
        b"{}",
        b"",
    ],
)
def test_nothing_else_is(body: bytes) -> None:
    assert not is_recipe_of(USER, RECIPES, body)


def test_a_recipe_beyond_the_data_set_is_wrong() -> None:
    assert not is_recipe_of(USER, MINE[-1], answers.recipe(MINE[-1]))


def test_a_recipe_that_notes_are_added_to_may_have_more_of_them() -> None:
    body = answers.recipe(WRITTEN)
    assert is_recipe_of(USER, RECIPES, body)
    assert is_recipe_of(USER, RECIPES, with_another_note(body))
    assert not is_recipe_of(USER, RECIPES, body[:-1])
    assert not is_recipe_of(USER, RECIPES, body.replace(b'"text":"', b'"text":"An ', 1))


def test_by_id_the_cases_are_the_golden_ones() -> None:
    assert cases("by-id") == load_cases()


def test_at_random_only_the_answers_to_one_recipe_differ() -> None:
    changed = [case for case, golden in zip(cases("random"), load_cases(), strict=True) if case != golden]
    assert {case.method for case in changed} == {"GET", "HEAD"}
    assert all(case.path.startswith("/api/v1/recipes/") and "notes" not in case.path for case in changed)
    assert {case.status for case in changed} == {200}


@pytest.mark.parametrize("name", ["recipe: an everyday document", "404: another team's recipe", "404: no such id"])
def test_a_case_takes_any_recipe_of_its_user(name: str) -> None:
    case: Case = BY_NAME[name]
    assert case.headers == {"cookie": "sessionid=golden-ada"}
    assert case.difference(200, JSON, golden_body("recipe-unicode")) is None
    assert case.difference(200, JSON, golden_body("recipe-of-other-team")) is not None
    assert case.difference(200, JSON, golden_body("recipe-of-left-team")) is not None
    assert case.difference(404, JSON, golden_body("not_found")) is not None


def test_a_golden_recipe_may_have_more_notes() -> None:
    case = BY_NAME["recipe: seen by an active member"]
    body = golden_body("recipe-for-notes")
    assert case.difference(200, JSON, body) is None
    assert case.difference(200, JSON, body.removesuffix(b"]}}") + b'{"id":11}]}}') is None
