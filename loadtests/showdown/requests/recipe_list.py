"""The first page of a user's recipes, as summaries."""

from functools import partial
from itertools import islice
from random import Random

from showdown_contract import answers, people

from showdown.requests.kind import Answer, Kind, Request, Seeded
from showdown.requests.recipes import USER, compares_fully, reader_of, session, statement

NAME, LIST_LIMIT = "recipe-list", 100
# How the cost of a row compares with that of a request.
OTHER_LIMITS = (1, 10, 500)


def of_any_user(limit: int, random: Random, seeded: Seeded) -> Request:
    reader = random.randrange(people.USERS)
    if compares_fully(random, seeded.size):
        return Request(path(limit), answers.first_page(reader, seeded.size, limit).__eq__, session(reader))
    return Request(path(limit), partial(is_full_page, rows(reader, seeded.size, limit)), session(reader))


def path(limit: int) -> str:
    return f"/api/v1/recipes?limit={limit}"


def rows(reader: int, size: int, limit: int) -> int:
    """How many summaries a page has."""
    return sum(1 for _ in islice(people.recipes_of(reader, size), limit))


def is_full_page(count: int, body: bytes) -> bool:
    return body.count(b'"updated_at":') == count


def of_one_user(limit: int, seeded: Seeded) -> list[Request]:
    return [Request(path(limit), answers.first_page(USER, seeded.size, limit).__eq__, session(USER))]


def answer(limit: int, request: Request, seeded: Seeded) -> Answer | None:
    if request.path != path(limit):
        return None
    return Answer(200, answers.first_page(reader_of(request), seeded.size, limit))


def _kind(name: str, limit: int) -> Kind:
    ceiling = statement("recipe_list_single", ("key", "after", "most"), after=0, most=limit)
    return Kind(
        name,
        partial(of_any_user, limit),
        partial(of_one_user, limit),
        ceiling,
        partial(answer, limit),
        rows=lambda size: rows(USER, size, limit),
    )


KIND = _kind(NAME, LIST_LIMIT)
OTHER_KINDS = [_kind(f"{NAME}-{limit}", limit) for limit in OTHER_LIMITS]
