"""Spans, which are sent to a collector. The standard variables OTEL_* set the rest, such as the sampler."""

import os
import re
from importlib import import_module

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from python_service.observability import EXPORT_SECONDS
from python_service.upstream.knobs import HttpClient

# The attributes' stable names. Instrumentations look at it when they begin.
os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")

# Nobody asks where the time of these has gone.
NOT_TRACED = ("/healthz", "/metrics")

_INSTRUMENTORS = {
    HttpClient.HTTPX: ("httpx", "HTTPXClientInstrumentor"),
    HttpClient.HTTPX2: ("httpx", "HTTPX2ClientInstrumentor"),
    HttpClient.AIOHTTP: ("aiohttp_client", "AioHttpClientInstrumentor"),
    HttpClient.REQUESTS: ("requests", "RequestsInstrumentor"),
}
_COMMENTS = re.compile(r"(?:\s*--[^\n]*\n)*\s*")


class Traces:
    """The spans of one worker."""

    def __init__(self, resource: Resource) -> None:
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(_StatementNames())
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=EXPORT_SECONDS)))
        trace.set_tracer_provider(self._provider)

    def close(self) -> None:
        """Send what there is, and send no more."""
        self._provider.shutdown()


def trace_client(client: HttpClient) -> None:
    """Let a library's clients make a span for each call, and send it along."""
    module, name = _INSTRUMENTORS[client]
    getattr(import_module(f"opentelemetry.instrumentation.{module}"), name)().instrument()


def operation(sql: str) -> str:
    """The first word of a statement that begins with comments."""
    return _COMMENTS.sub("", sql, count=1).split(maxsplit=1)[0]


class _StatementNames(SpanProcessor):
    """Names the spans of asyncpg, which otherwise are named by the first word of a comment."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:  # noqa: ARG002
        statement = (span.attributes or {}).get("db.query.text")
        if isinstance(statement, str):
            span.update_name(operation(statement))
