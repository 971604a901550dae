"""The exact answer to any read of the generated data, for load generators to compare with."""

import json
from functools import lru_cache
from itertools import islice
from typing import Any

from showdown_contract import people, upstream
from showdown_contract.documents import generated_recipe, summary

# How many documents are kept as bytes: all of the default data set, and at most 70 MiB of a larger one.
KEPT = 20_000


def encode(document: Any) -> bytes:
    """JSON in the contract's form: raw UTF-8, compact."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


@lru_cache(maxsize=KEPT)
def recipe(index: int) -> bytes:
    """The body of GET /api/v1/recipes/{id} for a recipe index that nobody writes to."""
    return encode(generated_recipe(index))


@lru_cache(maxsize=KEPT)
def nutrition(index: int) -> bytes:
    """The body of GET /api/v1/recipes/{id}/nutrition for a recipe index."""
    recipe = generated_recipe(index)
    return encode(upstream.nutrition(recipe["id"], recipe["title"]))


@lru_cache(maxsize=KEPT)
def _summary(index: int) -> bytes:
    return encode(summary(generated_recipe(index)))


@lru_cache(maxsize=people.USERS)
def _first(user: int, size: int, limit: int) -> tuple[int, ...]:
    return tuple(islice(people.recipes_of(user, size), limit))


def first_page(user: int, size: int, limit: int) -> bytes:
    """The body of GET /api/v1/recipes?limit= for a user index, in a data set of `recipes` recipes."""
    page = _first(user, size, limit)
    next_after = people.FIRST_ID + page[-1] if len(page) == limit else None
    return b'{"recipes":[%b],"next_after":%b}' % (b",".join(map(_summary, page)), encode(next_after))
