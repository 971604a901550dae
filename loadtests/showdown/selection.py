"""Picks named things out of all there are."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import TypeVar

from showdown_contract.errors import ShowdownError

Thing = TypeVar("Thing")
NOTHING: Mapping[str, str] = MappingProxyType({})


def select(
    kind: str, things: Mapping[str, Thing], names: str | None, renamed: Mapping[str, str] = NOTHING
) -> dict[str, Thing]:
    """The things of a comma-separated list of names, all if None. Raises ShowdownError for an unknown name."""
    if names is None:
        return dict(things)
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if not wanted:
        raise ShowdownError(f"no {kind} is named: there are {', '.join(things)}")
    return {name: find(kind, things, name, renamed) for name in wanted}


def find(kind: str, things: Mapping[str, Thing], name: str, renamed: Mapping[str, str] = NOTHING) -> Thing:
    """The thing of that name. Raises ShowdownError with what there is, or with the name that it has now."""
    if name not in things and name in renamed:
        raise ShowdownError(f"there is no {kind} {name!r}: it is called {renamed[name]} now")
    if name not in things:
        raise ShowdownError(unknown(kind, things, name))
    return things[name]


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that is most like a name; None if none is."""
    return next(iter(get_close_matches(name, list(names), 1)), None)


def unknown(kind: str, things: Iterable[str], name: str) -> str:
    """A message that nothing has this name, with the nearest name and a list of all."""
    things = list(things)
    close = nearest(name, things)
    hint = f"did you mean {close}? " if close else ""
    return f"there is no {kind} {name!r}: {hint}there are {', '.join(things)}"
