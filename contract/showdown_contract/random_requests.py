"""Requests that nobody thought of: well-formed HTTP, right and wrong by the API; the same for the same seed.

Services are compared by them: each has to answer a request as all others do, and to let nobody see what is another's.
"""

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from showdown_contract import people
from showdown_contract.files import CONTRACT

PARTS: Mapping[str, Any] = tomllib.loads((CONTRACT / "random-requests.toml").read_text())
JSON = "application/json"
LONG = 1_000
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True)
class Asked:
    """A request, and what is known of its answer."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    recipe: int | None = None
    """The index of the recipe that it is about, where that is one of the generated data."""
    user: int | None = None
    """The index of the user whose session it has, where that is one of the generated data."""

    @property
    def trespasses(self) -> bool:
        """Whether somebody asks for a recipe that is another's."""
        if self.recipe is None:
            return False
        return self.user is None or not people.may_see(self.user, self.recipe)


def random_requests(seed: int, count: int, size: int) -> Iterator[Asked]:
    """So many, against a data set of `size` recipes."""
    random = Random(f"random requests {seed}")  # noqa: S311 - load, not secrets
    makers: dict[Callable[[Random, int], Asked], int] = {
        _recipe: 40,
        _note: 30,
        _list: 20,
        _elsewhere: 8,
        _nutrition: 2,
    }
    kinds, weights = list(makers), list(makers.values())
    for _ in range(count):
        (make,) = random.choices(kinds, weights)
        yield make(random, size)


def _one(random: Random, part: str) -> Any:
    return random.choice(PARTS[part])


def _cookie(random: Random) -> tuple[dict[str, str], int | None]:
    """The header, and the index of the user whose session it is."""
    user = None
    match random.choices(("user", "golden_keys", "keys", "cookies", "none"), (70, 10, 8, 8, 4))[0]:
        case "user":
            user = random.randrange(people.USERS)
            value = f"sessionid={people.session_key(user)}"
        case "cookies":
            value = _one(random, "cookies")
        case "none":
            return {}, None
        case keys:
            value = f"sessionid={_one(random, keys)}"
    return {"Cookie": _one(random, "around").format(value)}, user


def _id(random: Random, size: int, user: int | None) -> tuple[str, int | None]:
    """An id as text, and the index of the recipe where it is one of the generated data."""
    match random.choices(("own", "any", "golden", "none", "bad"), (35, 40, 8, 7, 10))[0]:
        case "own" if user is not None:
            # Every user may see some of the first hundred.
            index = random.choice(list(people.recipes_of(user, min(size, 100))))
        case "own" | "any":
            index = random.randrange(size)
        case "golden":
            return str(random.randint(1, 12)), None
        case "none":
            return str(random.choice((*PARTS["ids"], people.FIRST_ID + size))), None
        case _:
            return _quoted(_one(random, "numbers")), None
    return str(people.FIRST_ID + index), index


def _method(random: Random, usual: str) -> str:
    return _one(random, "methods") if random.randrange(10) == 0 else usual


def _quoted(text: str) -> str:
    """A path is ASCII: other characters go as %XX."""
    return "".join(char if char.isascii() else "".join(f"%{byte:02X}" for byte in char.encode()) for char in text)


def _recipe(random: Random, size: int) -> Asked:
    cookie, user = _cookie(random)
    text, index = _id(random, size, user)
    method = _method(random, random.choice(("GET", "GET", "GET", "HEAD")))
    body = b"{}" if method in WITH_BODY else None
    return Asked(method, f"/api/v1/recipes/{text}{_one(random, 'queries')}", cookie, body, index, user)


def _nutrition(random: Random, size: int) -> Asked:
    cookie, user = _cookie(random)
    text, index = _id(random, size, user)
    return Asked("GET", f"/api/v1/recipes/{text}/nutrition", cookie, None, index, user)


def _list(random: Random, _size: int) -> Asked:
    cookie, user = _cookie(random)
    parameters = []
    for _ in range(random.choice((0, 1, 1, 2, 3))):
        name, value = _one(random, "parameters"), _quoted(_one(random, random.choice(("numbers", "values"))))
        parameters.append(random.choice((f"{name}={value}", f"{name}={value}", name)))
    query = f"?{_one(random, 'separators').join(parameters)}" if parameters else random.choice(("", "?"))
    method = _method(random, "GET")
    body = b"{}" if method in WITH_BODY else None
    return Asked(method, f"/api/v1/recipes{query}", cookie, body, None, user)


def _note(random: Random, size: int) -> Asked:
    cookie, user = _cookie(random)
    text, index = _id(random, size, user)
    body = _body(random)
    media_type = _one(random, "media_types") if random.randrange(7) == 0 else JSON
    method = _method(random, "POST")
    headers = {**cookie, **({"Content-Type": media_type} if media_type else {})}
    path = f"/api/v1/recipes/{text}/notes"
    return Asked(method, path, headers, body if method in WITH_BODY else None, index, user)


def _body(random: Random) -> bytes:
    """What may be a new note."""
    match random.choices(("text", "bodies", "sizes"), (70, 25, 5))[0]:
        case "bodies":
            body: str = _one(random, "bodies")
            return body.encode("latin-1")
        case "sizes":
            return b'{"text":"x"}'.ljust(_one(random, "sizes"))
    length = _one(random, "lengths")
    # A long text is of one character, so that its length is what it is about.
    text = "".join(_one(random, "characters") for _ in range(length)) if length < LONG else "é" * length
    return json.dumps({"text": text}, ensure_ascii=random.choice((True, False))).encode()


def _elsewhere(random: Random, _size: int) -> Asked:
    cookie, _ = _cookie(random)
    method = _method(random, "GET")
    return Asked(method, _one(random, "paths"), cookie, b"{}" if method in WITH_BODY else None)
