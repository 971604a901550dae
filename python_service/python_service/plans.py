"""Which statements make each document, and in which order they run.

A plan is a generator: it yields a statement, is sent its rows, and returns the document as JSON. So both apps
share the plans, although one awaits its statements and the other blocks; an app only runs statements.
A plan raises UNAUTHORIZED for an unknown or expired session, and NOT_FOUND for what the user may not see.
"""

from collections.abc import Callable, Generator, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

from python_service import queries
from python_service.document import Row
from python_service.errors import ApiError, ErrorKind
from python_service.serializers import SERIALIZERS, Serializer
from python_service.settings import Lookup, Plan, Settings

_SQL = queries.load()
_LISTS_OF_ARRAYS = _SQL.of_arrays()
_SET_TIME_ZONE = "SET TIME ZONE 'UTC'"
_PACKED_RECIPE = queries.packed_row(_SQL.recipe_single)
_PACKED_LIST = queries.packed_rows(_SQL.recipe_list_single)
_JSON_LIST = queries.json_rows(_SQL.recipe_list_single)


class Statement(NamedTuple):
    """SQL with $1-style parameters, and their values."""

    sql: str
    arguments: Sequence[Any]


_Found = TypeVar("_Found")
Asking: TypeAlias = Generator[Statement, Sequence[Row], _Found]
Steps: TypeAlias = Asking[bytes]


class Plans(Protocol):
    """One plan for each document that the API answers with."""

    def recipe(self, session: str, recipe_id: int) -> Steps: ...

    def recipe_list(self, session: str, limit: int, after: int) -> Steps: ...

    def note(self, session: str, recipe_id: int, text: str) -> Steps: ...


def plans(settings: Settings) -> Plans:
    serializer = SERIALIZERS[settings.serializer]
    if settings.plan is Plan.SEQUENTIAL:
        return Sequential(serializer, settings.lookup, set_time_zone=settings.set_time_zone)
    return PLANS[settings.plan](serializer)


class Sequential:
    """One query for each table, and one round trip for each query: as the article did it in 2022."""

    def __init__(self, serializer: Serializer, lookup: Lookup = Lookup.BY_ID, *, set_time_zone: bool = False) -> None:
        self._serializer = serializer
        self._random = lookup is Lookup.RANDOM
        self._set_time_zone = set_time_zone

    def recipe(self, session: str, recipe_id: int) -> Steps:
        user = yield from self._user(session)
        if self._random:
            rows = yield Statement(_SQL.recipe_random, (user, 1))
        else:
            teams = yield from self._teams(user)
            rows = yield Statement(_SQL.recipe, (recipe_id, user, teams))
        if not rows:
            raise ApiError(ErrorKind.NOT_FOUND)
        lists, found = (_LISTS_OF_ARRAYS, [rows[0][0]]) if self._random else (_SQL, recipe_id)
        ingredients = yield Statement(lists.ingredients, (found,))
        sections = yield Statement(lists.sections, (found,))
        steps = yield Statement(lists.steps, (found,))
        events = yield Statement(lists.events, (found,))
        notes = yield Statement(lists.notes, (found,))
        reactions = yield Statement(lists.reactions, (found,))
        return self._serializer.recipe((*rows[0], ingredients, sections, steps, events, notes), reactions)

    def recipe_list(self, session: str, limit: int, after: int) -> Steps:
        user = yield from self._user(session)
        teams = yield from self._teams(user)
        rows = yield Statement(_SQL.recipe_list, (user, teams, after, limit))
        return self._serializer.recipe_list(rows, _next_after(rows, limit))

    def note(self, session: str, recipe_id: int, text: str) -> Steps:
        user = yield from self._user(session)
        teams = yield from self._teams(user)
        if not (yield Statement(_SQL.note_recipe, (recipe_id, user, teams))):
            raise ApiError(ErrorKind.NOT_FOUND)
        rows = yield Statement(_SQL.note_create, (recipe_id, text, user))
        return self._serializer.note(rows[0])

    def _user(self, session: str) -> Asking[int]:
        if self._set_time_zone:
            yield Statement(_SET_TIME_ZONE, ())
        users = yield Statement(_SQL.session, (session,))
        if not users:
            raise ApiError(ErrorKind.UNAUTHORIZED)
        user: int = users[0][0]
        return user

    def _teams(self, user: int) -> Asking[list[int]]:
        teams = yield Statement(_SQL.active_teams, (user,))
        return [row[0] for row in teams]


class Single:
    """One statement for the whole document, and so one round trip."""

    def __init__(self, serializer: Serializer) -> None:
        self._serializer = serializer

    def recipe(self, session: str, recipe_id: int) -> Steps:
        rows = yield Statement(_SQL.recipe_single, (session, recipe_id))
        return self._serializer.recipe(_the_row(rows))

    def recipe_list(self, session: str, limit: int, after: int) -> Steps:
        rows = yield Statement(_SQL.recipe_list_single, (session, after, limit))
        if not rows:
            raise ApiError(ErrorKind.UNAUTHORIZED)
        if rows[0][0] is None:
            rows = []
        return self._serializer.recipe_list(rows, _next_after(rows, limit))

    def note(self, session: str, recipe_id: int, text: str) -> Steps:
        rows = yield Statement(_SQL.note_create_single, (session, recipe_id, text))
        return self._serializer.note(_the_row(rows))


class Packed(Single):
    """The same statements, but Postgres packs the rows that are read into bytes, by record_send."""

    def recipe(self, session: str, recipe_id: int) -> Steps:
        rows = yield Statement(_PACKED_RECIPE, (session, recipe_id))
        return self._serializer.recipe(_the_row(rows)[0])

    def recipe_list(self, session: str, limit: int, after: int) -> Steps:
        ((count, last, packed),) = yield Statement(_PACKED_LIST, (session, after, limit))
        if packed is None:
            raise ApiError(ErrorKind.UNAUTHORIZED)
        # Where there are no recipes, what is packed is the one row of NULLs.
        return self._serializer.recipe_list(packed if count else [], last if count == limit else None)


class JsonLists(Single):
    """The same statements, but Postgres makes JSON of a list, in the place of a serializer."""

    def recipe_list(self, session: str, limit: int, after: int) -> Steps:
        ((count, last, rows),) = yield Statement(_JSON_LIST, (session, after, limit))
        if rows is None:
            raise ApiError(ErrorKind.UNAUTHORIZED)
        # Where there are no recipes, it is the JSON of one row of NULLs.
        recipes = rows if count else b"[]"
        return b'{"recipes":%b,"next_after":%b}' % (recipes, b"%d" % last if count == limit else b"null")


def recipe_title(session: str, recipe_id: int) -> Asking[str]:
    """The title of a recipe, which is no document: all plans have the one statement."""
    rows = yield Statement(_SQL.nutrition_recipe, (session, recipe_id))
    title: str = _the_row(rows)[1]
    return title


def _the_row(rows: Sequence[Row]) -> Row:
    if not rows:
        raise ApiError(ErrorKind.UNAUTHORIZED)
    if rows[0][0] is None:
        raise ApiError(ErrorKind.NOT_FOUND)
    return rows[0]


def _next_after(rows: Sequence[Row], limit: int) -> int | None:
    """Where the next page starts; None after a page that is not full, for that is the last."""
    return rows[-1][0] if len(rows) == limit else None


PLANS: dict[Plan, Callable[[Serializer], Plans]] = {
    Plan.SEQUENTIAL: Sequential,
    Plan.SINGLE: Single,
    Plan.PACKED: Packed,
    Plan.JSON: JsonLists,
}
