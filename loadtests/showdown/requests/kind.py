"""What a kind of request is: asked by Locust for any user, by a light generator for one, by pgbench as a statement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from showdown_contract.lookup import Lookup

# Of one user. More would only make the list of URLs longer.
MOST_PATHS = 2_000
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Request(NamedTuple):
    """One request, and what is right."""

    path: str
    right: Callable[[bytes], bool]
    """Whether a body is right."""
    headers: Mapping[str, str] = NO_HEADERS
    method: str = "GET"
    body: bytes | None = None
    status: int = 200

    def failure(self, status: int, body: bytes) -> str | None:
        """What is wrong with an answer; None if nothing is."""
        if status != self.status:
            return f"status {status}"
        return None if self.right(body) else "wrong body"


class Answer(NamedTuple):
    """What comes back."""

    status: int
    body: bytes


class Seeded(NamedTuple):
    """What a request and its answer depend on."""

    size: int
    """How many were seeded."""
    lookup: Lookup = "by-id"
    """Which recipe the service answers."""


@dataclass(frozen=True)
class Statement:
    """A kind of request as pgbench says it."""

    script: Callable[[int], str]
    """For so many recipes."""
    variables: Mapping[str, str]
    """Those of the script that are text: pgbench's own \\set knows only numbers."""


@dataclass(frozen=True)
class Kind:
    """One kind of request."""

    name: str
    of_any_user: Callable[[Random, Seeded], Request]
    """For a generator that is many users. What is drawn is the same for the same Random."""
    of_one_user: Callable[[Seeded], list[Request]]
    """For a generator that sends the same method, headers and body to each path. Raises ShowdownError for no path."""
    ceiling: Statement | None = None
    """None where it is not one statement."""
    answer: Callable[[Request, Seeded], Answer | None] | None = None
    """A right answer to a request of this kind, None to one of another; its headers may be no more than a cookie.

    None where nobody can say without a service: then what a generator can do at most is not measured.
    """
    prepare: Callable[[Seeded], object] = lambda _: None
    """Do now what would delay the first requests."""
    upstream: bool = False
    """Whether a service has to call an upstream for it."""
    rows: Callable[[int], int] | None = None
    """How many rows an answer has, of a data set of this size; None where it has no rows, or not always as many."""


Kinds: TypeAlias = Mapping[str, Kind]
