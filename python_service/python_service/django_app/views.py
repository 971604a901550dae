"""The endpoints: parameters, then the plan."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias

from django.http import HttpRequest, HttpResponse
from gunicorn.http.errors import NoMoreData, ParseException

from python_service import parameters
from python_service.django_app import database, observed, refusals, upstream
from python_service.django_app.settings import SERVICE
from python_service.errors import ApiError, ErrorKind
from python_service.plans import plans, recipe_title

_P = ParamSpec("_P")
_View: TypeAlias = Callable[Concatenate[HttpRequest, _P], HttpResponse]

_log = logging.getLogger(__name__)
_plans = plans(SERVICE)


def _endpoint(*methods: str) -> Callable[[_View[_P]], _View[_P]]:
    """A view that answers these methods, and turns ApiErrors into responses."""

    def decorate(view: _View[_P]) -> _View[_P]:
        @wraps(view)
        def endpoint(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
            if request.method not in methods:
                response = _error_response(ErrorKind.METHOD_NOT_ALLOWED)
                response.headers["Allow"] = ", ".join(methods)
                return response
            try:
                return view(request, *args, **kwargs)
            except ApiError as error:
                if error.__cause__ is not None:
                    _log.error(error.kind.code, extra={"cause": repr(error.__cause__)})  # the cause, not the stack
                return _error_response(error.kind)

        return endpoint

    return decorate


@_endpoint("GET", "HEAD")
def recipe(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  # named as in the contract's path
    session = parameters.session_key(request.META.get("HTTP_COOKIE"))
    plan = _plans.recipe(session, parameters.recipe_id(id))
    return _json_response(database.run(plan, _waiting(request)))


@_endpoint("GET", "HEAD")
def recipe_list(request: HttpRequest) -> HttpResponse:
    session = parameters.session_key(request.META.get("HTTP_COOKIE"))
    limit, after = parameters.page(request.META["QUERY_STRING"])
    return _json_response(database.run(_plans.recipe_list(session, limit, after), _waiting(request)))


@_endpoint("GET", "HEAD")
def nutrition(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    session = parameters.session_key(request.META.get("HTTP_COOKIE"))
    recipe_id = parameters.recipe_id(id)
    title = database.run(recipe_title(session, recipe_id), _waiting(request))
    gone = request.META["gunicorn.socket"].has_gone
    return _json_response(upstream.answer(recipe_id, title, _waiting(request), gone))


@_endpoint("POST")
def create_note(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    session = parameters.session_key(request.META.get("HTTP_COOKIE"))
    recipe_id = parameters.recipe_id(id)
    parameters.require_json(request.META.get("CONTENT_TYPE"))
    text = parameters.note_text(_body(request))
    return _json_response(database.run(_plans.note(session, recipe_id, text), _waiting(request)), 201)


@_endpoint("GET", "HEAD")
def healthz(_request: HttpRequest) -> HttpResponse:
    """Say that the process answers; this says nothing about the database."""
    return _json_response(b'{"status":"ok"}')


@_endpoint("GET", "HEAD")
def metrics(_request: HttpRequest) -> HttpResponse:
    make, content_type = observed.exposition()
    return _response(make(), content_type)


def not_found(_request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # Django names it
    """Answer for Django that there is no such route."""
    return _error_response(ErrorKind.NOT_FOUND)


def unexpected(_request: HttpRequest) -> HttpResponse:
    """Answer 500. Django has logged the exception."""
    return _error_response(ErrorKind.INTERNAL)


def _json_response(body: bytes, status: int = 200) -> HttpResponse:
    return _response(body, "application/json", status)


def _response(body: bytes, content_type: str, status: int = 200) -> HttpResponse:
    # Without Content-Length the server would send the body in chunks.
    return HttpResponse(body, status=status, content_type=content_type, headers={"Content-Length": str(len(body))})


def _error_response(kind: ErrorKind) -> HttpResponse:
    response = _json_response(kind.body, kind.status)
    for name, value in kind.headers.items():
        response.headers[name] = value
    return response


def _waiting(request: HttpRequest) -> float:
    """For how many seconds the request has been waiting since it was whole."""
    seconds: float = request.META["gunicorn.socket"].seconds_waiting()
    return seconds


def _body(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH")
    parameters.require_small(int(length or 0))
    try:
        # Not request.body: to Django a chunked body is empty, because it does not announce its size.
        body: bytes = request.META["wsgi.input"].read(parameters.MAX_BODY_BYTES + 1)
    except (ParseException, NoMoreData) as error:
        raise ApiError(refusals.kind(error)) from None
    parameters.require_small(len(body))
    if length is not None and len(body) < int(length):
        # The client has gone in the middle of the body. What came may be valid JSON, but is not what was meant.
        raise ApiError(ErrorKind.BAD_REQUEST)
    return body
