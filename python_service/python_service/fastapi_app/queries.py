"""What is asked of the database.

Collections are loaded by one statement each, and single objects by joins:
https://docs.sqlalchemy.org/en/21/orm/queryguide/relationships.html#what-kind-of-loading-to-use
"""

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from python_service.fastapi_app.tables import Event, Membership, Note, Reaction, Recipe, Session, User

_WHOLE = (
    joinedload(Recipe.owner_user),
    joinedload(Recipe.owner_team),
    selectinload(Recipe.ingredients),
    selectinload(Recipe.sections),
    selectinload(Recipe.steps),
    selectinload(Recipe.events).joinedload(Event.created_by),
    selectinload(Recipe.notes).options(
        joinedload(Note.created_by, innerjoin=True),
        selectinload(Note.reactions).joinedload(Reaction.created_by, innerjoin=True),
    ),
)


async def user_of(database: AsyncSession, session_key: str) -> User | None:
    """Whose session it is; None for an unknown or expired one."""
    query = (
        select(User)
        .join(Session, Session.user_id == User.id)
        .where(Session.key == session_key, Session.expires_at > func.now())
    )
    return await database.scalar(query)


async def whole_recipe(database: AsyncSession, user: User, recipe_id: int) -> Recipe | None:
    """With everything that belongs to it; None if there is no such recipe that the user may see."""
    return await database.scalar(select(Recipe).options(*_WHOLE).where(Recipe.id == recipe_id, _seen_by(user)))


async def recipe(database: AsyncSession, user: User, recipe_id: int) -> Recipe | None:
    """The same without what belongs to it."""
    return await database.scalar(select(Recipe).where(Recipe.id == recipe_id, _seen_by(user)))


async def recipes(database: AsyncSession, user: User, after: int, limit: int) -> list[Recipe]:
    """Those after an id, without what belongs to them."""
    query = select(Recipe).where(Recipe.id > after, _seen_by(user)).order_by(Recipe.id).limit(limit)
    return list(await database.scalars(query))


async def add_note(database: AsyncSession, user: User, recipe: Recipe, text: str) -> Note:
    """The note, once it is on disk."""
    note = Note(recipe_id=recipe.id, text=text, created_by=user, reactions=[])
    database.add(note)
    await database.commit()
    return note


def _seen_by(user: User) -> ColumnElement[bool]:
    teams = select(Membership.team_id).where(Membership.user_id == user.id, Membership.active)
    return or_(Recipe.owner_user_id == user.id, Recipe.owner_team_id.in_(teams))
