"""What the kinds of request about recipes share: users and their recipes, and how much of a body is compared."""

from functools import cache
from itertools import islice
from random import Random

from showdown_contract import answers, files, people
from showdown_contract.errors import ShowdownError

from showdown.requests.kind import MOST_PATHS, Request, Statement

RECIPES = "/api/v1/recipes/"
# The one user of the generators that send one set of headers.
USER = 0
# With more recipes than cached answers, one answer in this many is compared byte for byte.
SAMPLE_OF_LARGE = 64


@cache
def session(user: int) -> dict[str, str]:
    """The headers that a user index sends."""
    return {"Cookie": f"sessionid={people.session_key(user)}"}


def reader_of(request: Request) -> int:
    """The user index that sends a request."""
    return people.user_of(request.headers["Cookie"])


def path(recipe: int) -> str:
    return f"{RECIPES}{people.FIRST_ID + recipe}"


def recipe_of(path: str) -> int | None:
    """The recipe index of such a path; None for any other."""
    number = path.removeprefix(RECIPES)
    return int(number) - people.FIRST_ID if number.isdecimal() else None


def any_recipe(random: Random, size: int, *, written: bool) -> tuple[int, int]:
    """A random recipe index and a user index that may see it."""
    while True:
        recipe = random.randrange(size)
        if people.is_written(recipe) == written:
            break
    return recipe, random.choice(people.readers(recipe))


def recipes_of_one_user(size: int, *, written: bool) -> list[int]:
    """Recipe indices that USER may see. Raises ShowdownError where there is none."""
    visible = (recipe for recipe in people.recipes_of(USER, size) if people.is_written(recipe) == written)
    found = list(islice(visible, MOST_PATHS))
    if not found:
        raise ShowdownError(f"none of the {size} recipes belongs to oha's user: raise --size")
    return found


def compares_fully(random: Random, size: int) -> bool:
    return size <= answers.KEPT or random.randrange(SAMPLE_OF_LARGE) == 0


def statement(query: str, parameters: tuple[str, ...], **numbers: int) -> Statement:
    """A query of the contract for recipes that USER may see.

    `parameters` are the names of $1, $2, …: `key` of the session, `recipe` of the recipe's id, and `numbers`.
    """

    def script(size: int) -> str:
        text = "\n".join(line for line in files.query(query).splitlines() if not line.startswith("--"))
        for number, parameter in enumerate(parameters, start=1):
            text = text.replace(f"${number}", f":{parameter}")
        turns = max(1, size * 9 // 10 // people.TEAMS)
        # people.owner_of the other way round: the recipes of the user's first team are every TEAMS-th of
        # all that belong to teams, and those are the first nine of every ten.
        settings = {
            "turn": f"{people.active_teams(USER)[0]} + {people.TEAMS} * random(0, {turns - 1})",
            "recipe": f"{people.FIRST_ID} + :turn / 9 * 10 + mod(:turn, 9)",
            **numbers,
        }
        lines = [f"\\set {name} {value}" for name, value in settings.items()]
        return "\n".join([*lines, f"{text.strip()};\n"])

    return Statement(script, {"key": people.session_key(USER)})
