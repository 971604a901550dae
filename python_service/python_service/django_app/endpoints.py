"""What endpoints have in common, whatever asks the database."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias

from django.http import HttpRequest, HttpResponse
from django.urls import path
from gunicorn.http.errors import NoMoreData, ParseException

from python_service import parameters
from python_service.django_app import observed, refusals
from python_service.django_app.settings import SERVICE
from python_service.errors import ApiError, ErrorKind

_P = ParamSpec("_P")
_View: TypeAlias = Callable[Concatenate[HttpRequest, _P], HttpResponse]

_log = logging.getLogger(__name__)


def endpoint(*methods: str) -> Callable[[_View[_P]], _View[_P]]:
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


@endpoint("GET", "HEAD")
def healthz(_request: HttpRequest) -> HttpResponse:
    """Say that the process answers; this says nothing about the database."""
    return json_response(b'{"status":"ok"}')


@endpoint("GET", "HEAD")
def metrics(_request: HttpRequest) -> HttpResponse:
    make, content_type = observed.exposition()
    return _response(make(), content_type)


ROUTES = [path("healthz", healthz)]
if SERVICE.is_measured:
    ROUTES.append(path("metrics", metrics))


def not_found(_request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # Django names it
    """Answer for Django that there is no such route."""
    return _error_response(ErrorKind.NOT_FOUND)


def unexpected(_request: HttpRequest) -> HttpResponse:
    """Answer 500. Django has logged the exception."""
    return _error_response(ErrorKind.INTERNAL)


def json_response(body: bytes, status: int = 200) -> HttpResponse:
    return _response(body, "application/json", status)


def _response(body: bytes, content_type: str, status: int = 200) -> HttpResponse:
    # Without Content-Length the server would send the body in chunks.
    return HttpResponse(body, status=status, content_type=content_type, headers={"Content-Length": str(len(body))})


def _error_response(kind: ErrorKind) -> HttpResponse:
    response = json_response(kind.body, kind.status)
    for name, value in kind.headers.items():
        response.headers[name] = value
    return response


def waiting(request: HttpRequest) -> float:
    """For how many seconds the request has been waiting since it was whole."""
    seconds: float = request.META["gunicorn.socket"].seconds_waiting()
    return seconds


def admitted(request: HttpRequest) -> float:
    """The same, for a request that now needs the database. Raises BUSY or UNAVAILABLE where too many wait, or for long.

    A synchronous worker has its own connection: whoever waits for a connection waits for a worker, in the kernel.
    """
    if request.META["gunicorn.socket"].others_waiting() >= SERVICE.queue_size:
        raise ApiError(ErrorKind.BUSY)
    seconds = waiting(request)
    if seconds > SERVICE.pool_timeout_seconds:
        raise ApiError(ErrorKind.UNAVAILABLE)
    return seconds


def whole_body(request: HttpRequest) -> bytes:
    """Raises BODY_TOO_LARGE, and what is wrong with its form."""
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
