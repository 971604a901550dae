"""One recipe with all that belongs to it."""

from collections.abc import Callable
from functools import partial
from random import Random

from showdown_contract import answers, people
from showdown_contract.lookup import is_recipe_of

from showdown.requests.kind import Answer, Kind, Request, Seeded
from showdown.requests.recipes import (
    USER,
    any_recipe,
    compares_fully,
    path,
    recipe_of,
    recipes_of_one_user,
    session,
    statement,
)


def of_any_user(random: Random, seeded: Seeded) -> Request:
    recipe, reader = any_recipe(random, seeded.size, written=False)
    if seeded.lookup == "random":
        right: Callable[[bytes], bool] = partial(is_recipe_of, reader, seeded.size)
    elif compares_fully(random, seeded.size):
        right = answers.recipe(recipe).__eq__
    else:
        start = b'{"id":%d,' % (people.FIRST_ID + recipe)
        right = lambda body: body.startswith(start) and body.endswith(b"}}")  # noqa: E731 - a check, like the other
    return Request(path(recipe), right, session(reader))


def of_one_user(seeded: Seeded) -> list[Request]:
    return [
        Request(path(recipe), _right(recipe, seeded), session(USER))
        for recipe in recipes_of_one_user(seeded.size, written=False)
    ]


def _right(recipe: int, seeded: Seeded) -> Callable[[bytes], bool]:
    if seeded.lookup == "random":
        return partial(is_recipe_of, USER, seeded.size)
    # Made when it is looked at: few of thousands are.
    return lambda body: body == answers.recipe(recipe)


def answer(request: Request, seeded: Seeded) -> Answer | None:
    recipe = recipe_of(request.path)
    return None if recipe is None or not 0 <= recipe < seeded.size else Answer(200, answers.recipe(recipe))


def prepare(seeded: Seeded) -> None:
    for recipe in range(min(seeded.size, answers.KEPT)):
        answers.recipe(recipe)


CEILING = statement("recipe_single", ("key", "recipe"))
KIND = Kind("recipe-detail", of_any_user, of_one_user, CEILING, answer, prepare)
