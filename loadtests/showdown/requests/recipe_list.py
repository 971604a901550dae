"""The first page of a user's recipes, as summaries."""

from random import Random

from showdown_contract import answers, people

from showdown.requests.kind import Answer, Kind, Request, Seeded
from showdown.requests.recipes import USER, compares_fully, reader_of, session, statement

LIST_LIMIT = 100
PATH = f"/api/v1/recipes?limit={LIST_LIMIT}"


def of_any_user(random: Random, seeded: Seeded) -> Request:
    reader = random.randrange(people.USERS)
    fully = compares_fully(random, seeded.size)
    right = answers.first_page(reader, seeded.size, LIST_LIMIT).__eq__ if fully else is_full_page
    return Request(PATH, right, session(reader))


def is_full_page(body: bytes) -> bool:
    return body.count(b'"updated_at":') == LIST_LIMIT


def of_one_user(seeded: Seeded) -> list[Request]:
    return [Request(PATH, answers.first_page(USER, seeded.size, LIST_LIMIT).__eq__, session(USER))]


def answer(request: Request, seeded: Seeded) -> Answer | None:
    if request.path != PATH:
        return None
    return Answer(200, answers.first_page(reader_of(request), seeded.size, LIST_LIMIT))


CEILING = statement("recipe_list_single", ("key", "after", "most"), after=0, most=LIST_LIMIT)
KIND = Kind("recipe-list", of_any_user, of_one_user, CEILING, answer)
