"""What METRICS and TRACES add to the app. What they need is imported only with them."""
# ruff: noqa: PLC0415

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from python_service.settings import Driver, Settings
from python_service.starlette_app.pool import Source

if TYPE_CHECKING:
    from prometheus_client import Gauge

    from python_service.observability.sent_metrics import SentMetrics


def observe(app: Starlette, settings: Settings) -> ASGIApp:
    """The app, measured and traced as the settings say."""
    if settings.traces:
        _trace(app, settings)
    if not settings.is_measured:
        return app
    from python_service.observability.exposition import CONTENT_TYPE, Exposition

    exposition = Exposition(settings)

    # No coroutine: Starlette runs it in a thread, for it reads files of all workers.
    def metrics(_request: Request) -> Response:
        return Response(exposition.text(), media_type=CONTENT_TYPE)

    app.router.routes.append(Route("/metrics", metrics))
    return Measured(app)


@asynccontextmanager
async def observed(service: str, settings: Settings) -> AsyncIterator[None]:
    """Watch the event loop, and send spans and metrics, until the block is left."""
    with _sending(service, settings) as metrics:
        if not settings.is_measured:
            yield
            return
        from python_service.observability.event_loop import watched

        async with watched(metrics):
            yield


def _sending(service: str, settings: Settings) -> AbstractContextManager["SentMetrics | None"]:
    if not settings.has_collector:
        return nullcontext()
    from python_service.observability.sending import sending

    return sending(service, settings)


def measured(source: Source, settings: Settings) -> Source:
    """The source, which counts the connections in use if the settings say so."""
    if not settings.is_measured:
        return source
    from python_service.observability.metrics import POOL_IN_USE

    return _MeasuredSource(source, POOL_IN_USE)


def with_handshakes_counted(context: Callable[[], ssl.SSLContext], settings: Settings) -> Callable[[], ssl.SSLContext]:
    """How TLS contexts are made, whose handshakes are counted if the settings say so."""
    if not settings.is_measured:
        return context
    from python_service.observability.handshakes import counted

    host = settings.upstream().host
    return lambda: counted(context(), host)


class Measured:
    """Counts an app's requests."""

    def __init__(self, app: ASGIApp) -> None:
        from python_service.observability.metrics import IN_FLIGHT, REQUESTS

        self._app = app
        self._in_flight = IN_FLIGHT
        self._requests = REQUESTS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._requests.labels(message["status"]).inc()
            await send(message)

        with self._in_flight.track_inprogress():
            await self._app(scope, receive, counting)


class _MeasuredSource:
    """Counts the connections that are in use."""

    def __init__(self, source: Source, in_use: "Gauge") -> None:
        self._source = source
        self._in_use = in_use
        self.open = source.open
        self.close = source.close

    async def acquire(self) -> Any:
        connection = await self._source.acquire()
        self._in_use.inc()
        return connection

    async def release(self, connection: Any) -> None:
        self._in_use.dec()
        await self._source.release(connection)


def _trace(app: Starlette, settings: Settings) -> None:
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

    from python_service.observability.traces import NOT_TRACED, trace_client

    if settings.driver is Driver.ASYNCPG:
        from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor

        AsyncPGInstrumentor().instrument()  # type: ignore[no-untyped-call]
    if settings.upstream_url is not None:
        trace_client(settings.http_client)
    app.add_middleware(
        OpenTelemetryMiddleware,
        default_span_details=_named_by_route,
        excluded_urls=",".join(f"{path}$" for path in NOT_TRACED),
        # One span for a request, and none for each message of ASGI.
        exclude_spans=["receive", "send"],
    )


def _named_by_route(scope: Scope) -> tuple[str, dict[str, Any]]:
    """A span's name, and more attributes."""
    for route in scope["app"].routes:
        if route.matches(scope)[0] is not Match.NONE:
            return f"{scope['method']} {route.path}", {"http.route": route.path}
    return scope["method"], {}
