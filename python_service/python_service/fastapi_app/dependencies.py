"""What the endpoints depend on, in the order in which the contract checks a request.

FastAPI resolves dependencies from left to right, and each before the endpoint's own parameters:
https://fastapi.tiangolo.com/tutorial/dependencies/sub-dependencies/. Its own checks of parameters and bodies would come
in another order, and read numbers in other ways than the contract, so `parameters` checks them.
"""

from collections.abc import AsyncIterator
from typing import Annotated, NamedTuple, cast

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from python_service import parameters
from python_service.errors import ApiError, ErrorKind
from python_service.fastapi_app import queries
from python_service.fastapi_app.database import Database
from python_service.fastapi_app.tables import User
from python_service.starlette_app.routes import session_key, whole_body
from python_service.starlette_app.upstream import Upstream


class Page(NamedTuple):
    """Which part of the list is asked for."""

    limit: int
    after: int


async def _session_key(request: Request) -> str:
    return session_key(request)


SessionKey = Annotated[str, Depends(_session_key)]


async def _recipe_id(_key: SessionKey, id: str) -> int:  # noqa: A002  # named as in the path
    return parameters.recipe_id(id)


async def _page(_key: SessionKey, request: Request) -> Page:
    return Page(*parameters.page(request.scope["query_string"].decode("latin-1")))


RecipeId = Annotated[int, Depends(_recipe_id)]
PageAsked = Annotated[Page, Depends(_page)]


async def _note_text(_id: RecipeId, request: Request) -> str:
    parameters.require_json(request.headers.get("content-type"))
    return parameters.note_text(await whole_body(request))


NoteText = Annotated[str, Depends(_note_text)]


async def _database(request: Request) -> Database:
    return cast("Database", request.app.state.database)


async def _upstream(request: Request) -> Upstream:
    return cast("Upstream", request.app.state.upstream)


DatabaseOfApp = Annotated[Database, Depends(_database)]
UpstreamOfApp = Annotated[Upstream, Depends(_upstream)]


async def _session(database: DatabaseOfApp) -> AsyncIterator[AsyncSession]:
    async with database.session() as session:
        yield session


# It ends before the answer is sent, so that no client keeps a connection:
# https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/#early-exit-and-scope
DatabaseSession = Annotated[AsyncSession, Depends(_session, scope="function")]


async def signed_in(database: AsyncSession, key: str) -> User:
    """Whose session it is. Raises UNAUTHORIZED."""
    user = await queries.user_of(database, key)
    if user is None:
        raise ApiError(ErrorKind.UNAUTHORIZED)
    return user


async def _user(database: DatabaseSession, key: SessionKey) -> User:
    return await signed_in(database, key)


# To be named after what is checked without the database.
SignedIn = Annotated[User, Depends(_user)]
