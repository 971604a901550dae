"""The endpoints. FastAPI checks what they return against `response_model`, and makes the JSON.

As in https://fastapi.tiangolo.com/tutorial/response-model/, with objects of the ORM in place of dicts.
"""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from python_service import models
from python_service.errors import ApiError, ErrorKind
from python_service.fastapi_app import queries
from python_service.fastapi_app.dependencies import (
    DatabaseOfApp,
    DatabaseSession,
    NoteText,
    PageAsked,
    RecipeId,
    SessionKey,
    SignedIn,
    UpstreamOfApp,
    signed_in,
)
from python_service.fastapi_app.tables import Note, Recipe
from python_service.starlette_app.routes import end, json_response

router = APIRouter()
# FastAPI does not answer HEAD unless it is told to.
_READ = ["GET", "HEAD"]


@router.api_route("/api/v1/recipes/{id}", methods=_READ, response_model=models.Recipe)
async def recipe(id: RecipeId, user: SignedIn, database: DatabaseSession) -> Recipe:  # noqa: A002
    return _found(await queries.whole_recipe(database, user, id))


@router.api_route("/api/v1/recipes", methods=_READ, response_model=models.Page)
async def recipe_list(page: PageAsked, user: SignedIn, database: DatabaseSession) -> dict[str, Any]:
    recipes = await queries.recipes(database, user, page.after, page.limit)
    # After a page that is not full, nothing comes.
    return {"recipes": recipes, "next_after": recipes[-1].id if len(recipes) == page.limit else None}


@router.api_route("/api/v1/recipes/{id}/nutrition", methods=_READ)
async def nutrition(
    id: RecipeId,  # noqa: A002
    key: SessionKey,
    database: DatabaseOfApp,
    upstream: UpstreamOfApp,
    request: Request,
) -> Response:
    # Its session is no dependency, for the connection is given back before the calls.
    async with database.session() as session:
        title = _found(await queries.recipe(session, await signed_in(session, key), id)).title
    return json_response(await upstream.nutrition(id, title, partial(end, request)))


@router.post("/api/v1/recipes/{id}/notes", status_code=201, response_model=models.Note)
async def create_note(id: RecipeId, text: NoteText, user: SignedIn, database: DatabaseSession) -> Note:  # noqa: A002
    return await queries.add_note(database, user, _found(await queries.recipe(database, user, id)), text)


@router.api_route("/healthz", methods=_READ)
async def healthz() -> dict[str, str]:
    """Say that the process answers; this says nothing about the database."""
    return {"status": "ok"}


def _found(recipe: Recipe | None) -> Recipe:
    if recipe is None:
        raise ApiError(ErrorKind.NOT_FOUND)
    return recipe
