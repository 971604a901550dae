"""A note on a recipe: a durable write."""

from random import Random

from showdown_contract import answers

from showdown.requests.kind import Answer, Kind, Request, Seeded
from showdown.requests.recipes import USER, any_recipe, path, recipes_of_one_user, session

NOTE = 'Less salt, more lemon; see https://recipes.example/?a=1&b="2" — worth it.'
BODY = answers.encode({"text": NOTE})
CREATED = answers.encode(
    {
        "id": 1,
        "text": NOTE,
        "created_by": {"id": 1, "name": "Ann"},
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "reactions": [],
    }
)
MEMBER = BODY.removeprefix(b"{").removesuffix(b"}")


def of_any_user(random: Random, seeded: Seeded) -> Request:
    return _request(*any_recipe(random, seeded.size, written=True))


def of_one_user(seeded: Seeded) -> list[Request]:
    return [_request(recipe, USER) for recipe in recipes_of_one_user(seeded.size, written=True)]


def _request(recipe: int, user: int) -> Request:
    headers = session(user) | {"Content-Type": "application/json"}
    return Request(f"{path(recipe)}/notes", right, headers, "POST", BODY, 201)


def right(body: bytes) -> bool:
    return MEMBER in body


def answer(request: Request, _: Seeded) -> Answer | None:
    return Answer(201, CREATED) if request.method == "POST" else None


KIND = Kind("note-create", of_any_user, of_one_user, answer=answer)
