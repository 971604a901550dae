"""What METRICS and TRACES add to the app. What they need is imported only with them."""
# ruff: noqa: PLC0415

import ssl
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any, TypeAlias

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from django.urls import Resolver404, resolve

from python_service.django_app.settings import SERVICE

Wsgi: TypeAlias = Callable[[dict[str, Any], Any], Iterable[bytes]]


def observe(app: Wsgi) -> Wsgi:
    """The app, measured and traced as the settings say."""
    if SERVICE.traces:
        app = _traced(app)
    return Measured(app) if SERVICE.is_measured else app


def observed() -> AbstractContextManager[object]:
    """Spans and metrics are sent until the block is left."""
    if not SERVICE.has_collector:
        return nullcontext()
    from python_service.observability.sending import sending

    return sending("django", SERVICE)


def in_use() -> AbstractContextManager[object]:
    """The block uses the worker's connection to the database."""
    if not SERVICE.is_measured:
        return nullcontext()
    from python_service.observability.metrics import POOL_IN_USE

    return POOL_IN_USE.track_inprogress()


@cache
def cursor_class() -> type[psycopg.RawCursor[Any]]:
    """What runs the statements of plans."""
    if not SERVICE.traces:
        return psycopg.RawCursor
    from python_service.observability.cursor import TracedCursor

    return TracedCursor


def orm_traced(connection: BaseDatabaseWrapper) -> AbstractContextManager[object]:
    """The statements that the ORM runs in the block have spans, if the settings say so."""
    if not SERVICE.traces:
        return nullcontext()
    from python_service.observability.cursor import traced

    return connection.execute_wrapper(traced)


def with_handshakes_counted(context: ssl.SSLContext) -> ssl.SSLContext:
    """The same context, whose handshakes are counted if the settings say so."""
    if not SERVICE.is_measured:
        return context
    from python_service.observability.handshakes import counted

    return counted(context, SERVICE.upstream().host)


@cache
def exposition() -> tuple[Callable[[], bytes], str]:
    """What makes the body of /metrics, and the body's type."""
    from python_service.observability.exposition import CONTENT_TYPE, Exposition

    return Exposition(SERVICE).text, CONTENT_TYPE


class Measured:
    """Counts an app's requests."""

    def __init__(self, app: Wsgi) -> None:
        from python_service.observability.metrics import IN_FLIGHT, REQUESTS

        self._app = app
        self._in_flight = IN_FLIGHT
        self._requests = REQUESTS

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def counting(status: str, *more: Any) -> Any:
            self._requests.labels(status[:3]).inc()
            return start_response(status, *more)

        with self._in_flight.track_inprogress():
            return self._app(environ, counting)


def _traced(app: Wsgi) -> Wsgi:
    from opentelemetry.instrumentation.threading import ThreadingInstrumentor
    from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware

    from python_service.observability.traces import NOT_TRACED, trace_client

    # The calls to the upstream are made in threads.
    ThreadingInstrumentor().instrument()
    if SERVICE.upstream_url is not None:
        trace_client(SERVICE.http_client)
    traced: Wsgi = OpenTelemetryMiddleware(app, request_hook=_name_by_route)

    def but_not_all(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return (app if environ["PATH_INFO"] in NOT_TRACED else traced)(environ, start_response)

    return but_not_all


def _name_by_route(span: Any, environ: dict[str, Any]) -> None:
    try:
        route = f"/{resolve(environ['PATH_INFO']).route}"
    except Resolver404:
        return
    span.update_name(f"{environ['REQUEST_METHOD']} {route}")
    span.set_attribute("http.route", route)
