"""Which recipe a service answers, by id or at random as in the article, and which answers are right.

With LOOKUP=random, GET /api/v1/recipes/{id} answers any recipe of the user, whichever valid id was asked
for. So the body must be the exact document of one of the user's recipes. If notes were added to that recipe,
the document may end in more notes than were seeded. Every other answer is what the contract says.
"""

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from typing import Literal, TypeAlias

from showdown_contract import answers, people
from showdown_contract.documents import golden_recipes
from showdown_contract.files import GOLDEN, golden_body
from showdown_contract.golden import Case, load_cases

Lookup: TypeAlias = Literal["by-id", "random"]

_ID = re.compile(rb'\{"id":([1-9][0-9]{0,18}),')
_RECIPE = re.compile(r"/api/v1/recipes/[0-9]+(\?.*)?")
_SESSION = re.compile(r"sessionid=(golden-[a-z]+)")
# What follows the last note.
_END = b"]}}"


def is_recipe_of(user: int, size: int, body: bytes) -> bool:
    """Whether a body is the document of a recipe that a user index may see, in a data set of `recipes` recipes."""
    found = _ID.match(body)
    index = int(found[1]) - people.FIRST_ID if found else -1
    if not 0 <= index < size or not people.may_see(user, index):
        return False
    document = answers.recipe(index)
    return body == document or (people.is_written(index) and _with_more_notes(body, document))


def cases(lookup: Lookup) -> list[Case]:
    """The golden cases. At random, those that ask for one recipe accept any recipe of their user."""
    if lookup == "by-id":
        return load_cases()
    return [_any_recipe(case) if _asks_for_a_recipe(case) else case for case in load_cases()]


def right_body(name: str, lookup: Lookup) -> Callable[[bytes], bool]:
    """Tells whether a body is the golden one of this name or, at random, any recipe of the same user."""
    expected = golden_body(name)
    accepting = (case.accepts for case in cases(lookup) if case.accepts and case.expected_body == expected)
    return next(accepting, expected.__eq__)


def _asks_for_a_recipe(case: Case) -> bool:
    return case.method in {"GET", "HEAD"} and case.status in {200, 404} and _RECIPE.fullmatch(case.path) is not None


def _any_recipe(case: Case) -> Case:
    (session,) = {key for value in case.headers.values() for key in _SESSION.findall(value)}
    documents = tuple(_golden_documents(session))
    return replace(case, status=200, accepts=lambda body: _is_one_of(body, documents))


def _is_one_of(body: bytes, documents: Iterable[bytes]) -> bool:
    return any(body == document or _with_more_notes(body, document) for document in documents)


def _with_more_notes(body: bytes, document: bytes) -> bool:
    return body.startswith(document.removesuffix(_END)) and body.endswith(_END)


@cache
def _golden_documents(session: str) -> list[bytes]:
    """The golden documents that the user of a golden session may see."""
    access = tomllib.loads((GOLDEN / "seed.toml").read_text())
    user = next(row["user_id"] for row in access["sessions"] if row["key"] == session)
    teams = [row["team_id"] for row in access["memberships"] if row["user_id"] == user and row["active"]]
    owners = {("user", user), *(("team", team) for team in teams)}
    return [
        answers.encode(recipe)
        for recipe in golden_recipes()
        if (recipe["owner"]["type"], recipe["owner"]["id"]) in owners
    ]
