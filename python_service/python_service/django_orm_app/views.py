"""The endpoints: parameters, then queries and serializers."""

from functools import partial

from django.http import HttpRequest, HttpResponse, JsonResponse

from python_service import parameters
from python_service.django_app import upstream
from python_service.django_app.database import run_orm
from python_service.django_app.endpoints import admitted, endpoint, json_response, waiting, whole_body
from python_service.django_orm_app import queries, serializers
from python_service.document import Document

_COMPACT = {"ensure_ascii": False, "separators": (",", ":")}


@endpoint("GET", "HEAD")
def recipe(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  # named as in the contract's path
    session = parameters.session_key(request.META.get("HTTP_COOKIE"))
    found = run_orm(partial(queries.whole_recipe, session, parameters.recipe_id(id)), admitted(request))
    return _answer(serializers.recipe(found))


@endpoint("GET", "HEAD")
def recipe_list(request: HttpRequest) -> HttpResponse:
    session = parameters.session_key(request.META.get("HTTP_COOKIE"))
    limit, after = parameters.page(request.META["QUERY_STRING"])
    found = run_orm(partial(queries.recipes, session, limit, after), admitted(request))
    return _answer(serializers.page(found, limit))


@endpoint("GET", "HEAD")
def nutrition(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    session = parameters.session_key(request.META.get("HTTP_COOKIE"))
    recipe_id = parameters.recipe_id(id)
    title = run_orm(partial(queries.recipe, session, recipe_id), admitted(request)).title
    gone = request.META["gunicorn.socket"].has_gone
    return json_response(upstream.answer(recipe_id, title, waiting(request), gone))


@endpoint("POST")
def create_note(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    session = parameters.session_key(request.META.get("HTTP_COOKIE"))
    recipe_id = parameters.recipe_id(id)
    parameters.require_json(request.META.get("CONTENT_TYPE"))
    text = parameters.note_text(whole_body(request))
    note = run_orm(partial(queries.add_note, session, recipe_id, text), admitted(request))
    # A new note has no reactions.
    return _answer(serializers.note(note, []), 201)


def _answer(document: Document, status: int = 200) -> HttpResponse:
    response = JsonResponse(document, status=status, json_dumps_params=_COMPACT)
    # Without it the server would send the body in chunks.
    response.headers["Content-Length"] = str(len(response.content))
    return response
