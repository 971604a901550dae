"""The metrics of a worker as a collector gets them. Names are the same in all services: contract/service.md."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.metrics import CallbackOptions, Histogram, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from prometheus_client.registry import Collector

from python_service.observability import EXPORT_SECONDS
from python_service.observability.metrics import HANDSHAKES, IN_FLIGHT, POOL_IN_USE, REQUESTS, PoolSize
from python_service.observability.processes import Descriptors, OutboundConnections, of_this_worker
from python_service.settings import Settings

_Attributes: TypeAlias = Mapping[str, str | int]
_POSTGRES_PORT = 5432


class SentMetrics:
    """The metrics of one worker, which are read from where /metrics reads them when it is time to send them."""

    def __init__(self, resource: Resource, settings: Settings) -> None:
        reader = PeriodicExportingMetricReader(OTLPMetricExporter(timeout=EXPORT_SECONDS))
        # Not the process's one, to which OpenTelemetry's instrumentations would add metrics of their own.
        self._provider = MeterProvider([reader], resource, shutdown_on_exit=False)
        self._meter = self._provider.get_meter("python_service")
        pool = {"db.client.connection.pool.name": _pool_name(settings)}
        self.send(REQUESTS, "http_requests", "{request}")
        self.send(IN_FLIGHT, "http.server.active_requests", "{request}", {"url.scheme": "http"})
        self.send(PoolSize(settings.connections_per_worker), "db.client.connection.max", "{connection}", pool)
        used = {**pool, "db.client.connection.state": "used"}
        self.send(POOL_IN_USE, "db.client.connection.count", "{connection}", used)
        self.send(HANDSHAKES, "outbound_handshakes", "{handshake}")
        self.send(OutboundConnections(of_this_worker), "outbound_connections_open", "{connection}")
        self.send(Descriptors(of_this_worker), "process.unix.file_descriptor.count", "{file_descriptor}")

    def send(self, collector: Collector, name: str, unit: str, attributes: _Attributes | None = None) -> None:
        """Send what a collector has, which is one counter or gauge. All of its values have the attributes."""
        common = attributes or {}

        def observe(_options: CallbackOptions) -> Iterator[Observation]:
            for metric in collector.collect():
                for sample in metric.samples:
                    # prometheus_client also says when a counter began.
                    if not sample.name.endswith("_created"):
                        yield Observation(int(sample.value), {**common, **_attributes(sample.labels)})

        (metric,) = collector.collect()
        create = (
            self._meter.create_observable_counter
            if metric.type == "counter"
            else self._meter.create_observable_up_down_counter
        )
        create(name, [observe], unit, metric.documentation)

    def histogram(self, name: str, unit: str, about: str, bounds: Sequence[float]) -> Histogram:
        """A histogram to record in."""
        return self._meter.create_histogram(name, unit, about, explicit_bucket_boundaries_advisory=bounds)

    def close(self) -> None:
        """Send what there is, and send no more."""
        self._provider.shutdown()


def _attributes(labels: Mapping[str, str]) -> _Attributes:
    """What OpenTelemetry calls a sample's labels."""
    if "status" in labels:
        return {"http.response.status_code": int(labels["status"])}
    if "host" in labels:
        address, _, port = labels["host"].rpartition(":")
        return {"server.address": address.strip("[]"), "server.port": int(port)}
    return {}


def _pool_name(settings: Settings) -> str:
    """As OpenTelemetry names a pool that has no name of its own."""
    place = urlsplit(settings.database_url.get_secret_value())
    return f"{place.hostname}:{place.port or _POSTGRES_PORT}/{unquote(place.path[1:])}"
