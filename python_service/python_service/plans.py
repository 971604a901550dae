"""What is asked of the database for each document, and in which order.

A plan is a generator: it yields a statement, is sent its rows, and returns the document. So it says
once, for both apps, what one app awaits and the other blocks for; the apps only run statements.
Raises UNAUTHORIZED for an unknown or expired session, NOT_FOUND for what its user may not see.
"""

from collections.abc import Generator, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from python_service import document, queries
from python_service.document import Document, Row
from python_service.errors import ApiError, ErrorKind
from python_service.settings import Plan

_SQL = queries.load()


class Statement(NamedTuple):
    """SQL with $1-style parameters, and their values."""

    sql: str
    arguments: Sequence[Any]


Steps: TypeAlias = Generator[Statement, Sequence[Row], Document]


class Plans(Protocol):
    """A plan for each document that the API answers with."""

    def recipe(self, session: str, recipe_id: int) -> Steps: ...

    def recipe_list(self, session: str, limit: int, after: int) -> Steps: ...

    def note(self, session: str, recipe_id: int, text: str) -> Steps: ...


class Sequential:
    """A query a table, each a round trip: how it was done in 2022."""

    def recipe(self, session: str, recipe_id: int) -> Steps:
        user, teams = yield from self._visitor(session)
        rows = yield Statement(_SQL.recipe, (recipe_id, user, teams))
        if not rows:
            raise ApiError(ErrorKind.NOT_FOUND)
        ingredients = yield Statement(_SQL.ingredients, (recipe_id,))
        sections = yield Statement(_SQL.sections, (recipe_id,))
        steps = yield Statement(_SQL.steps, (recipe_id,))
        events = yield Statement(_SQL.events, (recipe_id,))
        notes = yield Statement(_SQL.notes, (recipe_id,))
        reactions = yield Statement(_SQL.reactions, (recipe_id,))
        notes = document.with_reactions(notes, reactions)
        return document.recipe((*rows[0], ingredients, sections, steps, events, notes))

    def recipe_list(self, session: str, limit: int, after: int) -> Steps:
        user, teams = yield from self._visitor(session)
        rows = yield Statement(_SQL.recipe_list, (user, teams, after, limit))
        return document.recipe_list(rows, limit)

    def note(self, session: str, recipe_id: int, text: str) -> Steps:
        user, teams = yield from self._visitor(session)
        if not (yield Statement(_SQL.note_recipe, (recipe_id, user, teams))):
            raise ApiError(ErrorKind.NOT_FOUND)
        rows = yield Statement(_SQL.note_create, (recipe_id, text, user))
        return document.note((*rows[0], None))

    def _visitor(self, session: str) -> Generator[Statement, Sequence[Row], tuple[int, list[int]]]:
        users = yield Statement(_SQL.session, (session,))
        if not users:
            raise ApiError(ErrorKind.UNAUTHORIZED)
        user = users[0][0]
        teams = yield Statement(_SQL.active_teams, (user,))
        return user, [row[0] for row in teams]


class Single:
    """One statement for all of it: one round trip."""

    def recipe(self, session: str, recipe_id: int) -> Steps:
        rows = yield Statement(_SQL.recipe_single, (session, recipe_id))
        return document.recipe(_the_row(rows))

    def recipe_list(self, session: str, limit: int, after: int) -> Steps:
        rows = yield Statement(_SQL.recipe_list_single, (session, after, limit))
        if not rows:
            raise ApiError(ErrorKind.UNAUTHORIZED)
        nothing = rows[0][0] is None
        return document.recipe_list([] if nothing else rows, limit)

    def note(self, session: str, recipe_id: int, text: str) -> Steps:
        rows = yield Statement(_SQL.note_create_single, (session, recipe_id, text))
        return document.note((*_the_row(rows), None))


def _the_row(rows: Sequence[Row]) -> Row:
    if not rows:
        raise ApiError(ErrorKind.UNAUTHORIZED)
    if rows[0][0] is None:
        raise ApiError(ErrorKind.NOT_FOUND)
    return rows[0]


PLANS: dict[Plan, Plans] = {Plan.SEQUENTIAL: Sequential(), Plan.SINGLE: Single()}
