"""What the light generators ask for: they send one set of headers, so all their requests are one user's."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from showdown_contract import answers, people
from showdown_contract.answers import encode
from showdown_contract.errors import ShowdownError
from showdown_contract.lookup import Lookup, is_recipe_of

from showdown.requests.scenarios import LIST_LIMIT, NOTE, Scenario

USER = 0
# More would only make the list of URLs longer.
MOST_PATHS = 2_000
BODY = encode({"text": NOTE})


@dataclass(frozen=True)
class LightRequests:
    """Requests that differ in nothing but their path."""

    paths: list[str]
    status: int
    right: Callable[[str, bytes], bool]
    """Whether a body is what a path must answer."""
    headers: dict[str, str]
    body: bytes | None = None


def light_requests(name: str, scenario: Scenario, recipes: int, lookup: Lookup = "by-id") -> LightRequests:
    """The requests of a scenario. Raises ShowdownError for one that mixes kinds."""
    if len(scenario.requests) > 1:
        raise ShowdownError(
            f"oha sends one kind of request, and {name} mixes {', '.join(scenario.requests)}: use locust"
        )
    cookie = {"Cookie": f"sessionid={people.session_key(USER)}"}
    match next(iter(scenario.requests)):
        case "healthz":
            return LightRequests(["/healthz"], 200, lambda _, body: body == b'{"status":"ok"}', {})
        case "recipe-detail":
            asked = {_path(recipe): recipe for recipe in _visible(recipes, written=False)}
            if lookup == "random":
                return LightRequests(list(asked), 200, lambda _, body: is_recipe_of(USER, recipes, body), cookie)
            return LightRequests(list(asked), 200, lambda path, body: body == answers.recipe(asked[path]), cookie)
        case "recipe-list":
            page = answers.first_page(USER, recipes, LIST_LIMIT)
            return LightRequests([f"/api/v1/recipes?limit={LIST_LIMIT}"], 200, lambda _, body: body == page, cookie)
        case "note-create":
            paths = [f"{_path(recipe)}/notes" for recipe in _visible(recipes, written=True)]
            text = BODY.removeprefix(b"{").removesuffix(b"}")
            headers = cookie | {"Content-Type": "application/json"}
            return LightRequests(paths, 201, lambda _, body: text in body, headers, BODY)


def _path(recipe: int) -> str:
    return f"/api/v1/recipes/{people.FIRST_ID + recipe}"


def _visible(recipes: int, *, written: bool) -> list[int]:
    visible = (recipe for recipe in people.recipes_of(USER, recipes) if people.is_written(recipe) == written)
    found = list(islice(visible, MOST_PATHS))
    if not found:
        raise ShowdownError(f"among {recipes} recipes there is none for oha's user: seed more")
    return found
