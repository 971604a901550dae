"""What the upstream knows about a recipe: one statement, and three calls to another service."""

from functools import partial
from random import Random

from showdown_contract import answers, people

from showdown.requests.kind import Answer, Kind, Request, Seeded
from showdown.requests.recipes import (
    USER,
    any_recipe,
    compares_fully,
    path,
    recipe_of,
    recipes_of_one_user,
    session,
)

END = "/nutrition"
LAST = b',"currency":"EUR"}'


def of_any_user(random: Random, seeded: Seeded) -> Request:
    recipe, reader = any_recipe(random, seeded.size, written=False)
    fully = compares_fully(random, seeded.size)
    return Request(
        path(recipe) + END, answers.nutrition(recipe).__eq__ if fully else partial(ends, recipe), session(reader)
    )


def ends(recipe: int, body: bytes) -> bool:
    """Whether both ends of a body are those of a recipe index."""
    return body.startswith(b'{"id":%d,' % (people.FIRST_ID + recipe)) and body.endswith(LAST)


def of_one_user(seeded: Seeded) -> list[Request]:
    return [
        Request(path(recipe) + END, answers.nutrition(recipe).__eq__, session(USER))
        for recipe in recipes_of_one_user(seeded.size, written=False)
    ]


def answer(request: Request, seeded: Seeded) -> Answer | None:
    if not request.path.endswith(END):
        return None
    recipe = recipe_of(request.path.removesuffix(END))
    return None if recipe is None or not 0 <= recipe < seeded.size else Answer(200, answers.nutrition(recipe))


def prepare(seeded: Seeded) -> None:
    for recipe in range(min(seeded.size, answers.KEPT)):
        answers.nutrition(recipe)


# No ceiling: what its one statement takes says nothing of three calls to another service.
KIND = Kind("nutrition", of_any_user, of_one_user, answer=answer, prepare=prepare, upstream=True)
