"""A collector of OpenTelemetry's spans and metrics, in the test's own process: OTLP over HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

Attributes: TypeAlias = dict[str, str | int]


@dataclass(frozen=True)
class Span:
    """One as it was received. Ids are in hexadecimal digits; without a parent its id is empty."""

    service: str
    trace: str
    id: str
    parent: str
    name: str
    kind: int
    attributes: Attributes


@dataclass(frozen=True)
class Point:
    """A value of a metric. That of a histogram is how often something was recorded."""

    name: str
    unit: str
    kind: str
    attributes: Attributes
    value: float


@dataclass
class Collector:
    """A running collector."""

    url: str
    spans: list[Span] = field(default_factory=list)
    metrics: dict[tuple[str, str], list[list[Point]]] = field(default_factory=dict)
    """What the instances of services have sent, each time, by the names of service and instance."""

    def of(self, trace: str) -> list[Span]:
        """The spans of a trace that have come so far."""
        return [span for span in self.spans if span.trace == trace]

    def read_metrics(self, body: bytes) -> None:
        for each in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            resource = attributes(each.resource)
            instance = (str(resource["service.name"]), str(resource["service.instance.id"]))
            self.metrics.setdefault(instance, []).append(
                [point for scope in each.scope_metrics for metric in scope.metrics for point in points(metric)]
            )

    def read_spans(self, body: bytes) -> None:
        for each in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = str(attributes(each.resource)["service.name"])
            self.spans += [
                Span(
                    service,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    span.name,
                    span.kind,
                    attributes(span),
                )
                for scope in each.scope_spans
                for span in scope.spans
            ]


def attributes(of: Any) -> Attributes:
    return {item.key: item.value.string_value or item.value.int_value for item in of.attributes}


def points(metric: Any) -> Iterator[Point]:
    kind = metric.WhichOneof("data")
    data = getattr(metric, kind)
    for point in data.data_points:
        if kind == "sum":
            # An amount only grows, a level also falls.
            yield Point(
                *(metric.name, metric.unit, "amount" if data.is_monotonic else "level"),
                *(attributes(point), getattr(point, point.WhichOneof("value"))),
            )
        else:
            yield Point(metric.name, metric.unit, kind, attributes(point), point.count)


@contextmanager
def running_collector() -> Iterator[Collector]:
    """Collect until the block is left."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            read = {"/v1/traces": collector.read_spans, "/v1/metrics": collector.read_metrics}.get(self.path)
            if read is not None:
                read(body)
            # In OTLP an answer without a field says that all is well.
            self.send_response(404 if read is None else 200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        collector = Collector(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()
