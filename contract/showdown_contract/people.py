"""Who exists in the generated data set, and who may see what. These are formulas, so load generators need no look-up.

Recipes are numbered by an index from 0; ids start at FIRST_ID, above all golden ids. Of ten recipes nine
belong to the teams, in turn, and the tenth to a user.
"""

from collections.abc import Iterator
from typing import Literal

FIRST_ID = 1001
USERS = 1000
TEAMS = 20
# These recipes are written to and never read, so that no request changes the size of another one's answer.
WRITTEN_REMAINDER = 8
USER_REMAINDER = 9


def session_key(user: int) -> str:
    """The sessionid cookie of a user index."""
    return f"session-of-user-{user:04d}"


def user_of(session_key: str) -> int:
    """The user index of a sessionid cookie."""
    return int(session_key.rpartition("-")[2])


def active_teams(user: int) -> tuple[int, int]:
    """The two teams in which a user index is active. They differ, because 6 u + 3 is odd and so never 0 modulo 20."""
    return user % TEAMS, (user % TEAMS * 7 + 3) % TEAMS


def left_team(user: int) -> int:
    """A team in which a user index is no longer active. It is never an active one, for the same reason."""
    return (user % TEAMS * 7 + 5) % TEAMS


def owner_of(recipe: int) -> tuple[Literal["user", "team"], int]:
    """Who owns a recipe index: a user index or a team index."""
    if recipe % 10 == USER_REMAINDER:
        return "user", recipe // 10 % USERS
    return "team", (recipe // 10 * 9 + recipe % 10) % TEAMS


def readers(recipe: int) -> range:
    """User indices that may see a recipe index: its owner, or the members whose first team owns it."""
    kind, owner = owner_of(recipe)
    return range(owner, owner + 1) if kind == "user" else range(owner, USERS, TEAMS)


def may_see(user: int, recipe: int) -> bool:
    """Whether a user index may see a recipe index."""
    kind, owner = owner_of(recipe)
    return owner == user if kind == "user" else owner in active_teams(user)


def is_written(recipe: int) -> bool:
    """Whether new notes go to this recipe index; then no scenario reads its document."""
    return recipe % 10 == WRITTEN_REMAINDER


def recipes_of(user: int, size: int) -> Iterator[int]:
    """The recipe indices, in order, that a user index may see in a data set of `recipes` recipes."""
    return (recipe for recipe in range(size) if may_see(user, recipe))
