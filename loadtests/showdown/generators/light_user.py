"""What the light generators ask for: they send one set of headers, so all their requests are one user's."""

from collections.abc import Callable
from dataclasses import dataclass

from showdown_contract import answers, people

from showdown.errors import ShowdownError
from showdown.scenarios import Scenario

USER = 0
LIST_LIMIT = 100
NOTE = b'{"text":"Less salt, more lemon."}'


@dataclass(frozen=True)
class LightRequests:
    """Requests that differ in nothing but their path."""

    paths: list[str]
    status: int
    right: Callable[[str, bytes], bool]
    """Whether a body is what a path must answer."""
    headers: dict[str, str]
    body: bytes | None = None


def light_requests(name: str, scenario: Scenario, recipes: int) -> LightRequests:
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
            bodies = {_path(recipe): answers.recipe(recipe) for recipe in _visible(recipes, written=False)}
            return LightRequests(list(bodies), 200, lambda path, body: body == bodies[path], cookie)
        case "recipe-list":
            page = answers.first_page(USER, recipes, LIST_LIMIT)
            return LightRequests([f"/api/v1/recipes?limit={LIST_LIMIT}"], 200, lambda _, body: body == page, cookie)
        case "note-create":
            paths = [f"{_path(recipe)}/notes" for recipe in _visible(recipes, written=True)]
            text = NOTE.removeprefix(b"{").removesuffix(b"}")
            headers = cookie | {"Content-Type": "application/json"}
            return LightRequests(paths, 201, lambda _, body: text in body, headers, NOTE)


def _path(recipe: int) -> str:
    return f"/api/v1/recipes/{people.FIRST_ID + recipe}"


def _visible(recipes: int, *, written: bool) -> list[int]:
    found = [recipe for recipe in people.recipes_of(USER, recipes) if people.is_written(recipe) == written]
    if not found:
        raise ShowdownError(f"among {recipes} recipes there is none for oha's user: seed more")
    return found
