"""The endpoints: parameters, then the plan."""

from django.http import HttpRequest, HttpResponse

from python_service import parameters
from python_service.django_app import database, upstream
from python_service.django_app.endpoints import admitted, endpoint, json_response, waiting, whole_body
from python_service.django_app.settings import SERVICE
from python_service.plans import plans, recipe_title

_plans = plans(SERVICE)


@endpoint("GET", "HEAD")
def recipe(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  # named as in the contract's path
    session = parameters.session_key(request.META.get("HTTP_COOKIE"))
    plan = _plans.recipe(session, parameters.recipe_id(id))
    return json_response(database.run(plan, admitted(request)))


@endpoint("GET", "HEAD")
def recipe_list(request: HttpRequest) -> HttpResponse:
    session = parameters.session_key(request.META.get("HTTP_COOKIE"))
    limit, after = parameters.page(request.META["QUERY_STRING"])
    return json_response(database.run(_plans.recipe_list(session, limit, after), admitted(request)))


@endpoint("GET", "HEAD")
def nutrition(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    session = parameters.session_key(request.META.get("HTTP_COOKIE"))
    recipe_id = parameters.recipe_id(id)
    title = database.run(recipe_title(session, recipe_id), admitted(request))
    gone = request.META["gunicorn.socket"].has_gone
    return json_response(upstream.answer(recipe_id, title, waiting(request), gone))


@endpoint("POST")
def create_note(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    session = parameters.session_key(request.META.get("HTTP_COOKIE"))
    recipe_id = parameters.recipe_id(id)
    parameters.require_json(request.META.get("CONTENT_TYPE"))
    text = parameters.note_text(whole_body(request))
    return json_response(database.run(_plans.note(session, recipe_id, text), admitted(request)), 201)
