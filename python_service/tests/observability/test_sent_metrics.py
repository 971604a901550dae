"""What a worker sends is what /metrics would say of it at that time, by OpenTelemetry's names."""

from collections.abc import Callable

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource
from prometheus_client import Counter, Gauge
from python_service.observability import sent_metrics
from python_service.observability.sent_metrics import SentMetrics

from python_service import settings

URL = "postgresql://ada:s3cret@db.test/show%2Ddown"


@pytest.fixture
def reader() -> InMemoryMetricReader:
    """Reads the metrics when it is asked to, and sends them nowhere."""
    return InMemoryMetricReader()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, reader: InMemoryMetricReader) -> SentMetrics:
    monkeypatch.setattr(sent_metrics, "PeriodicExportingMetricReader", lambda _exporter: reader)
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("POOL_SIZE", "6")
    monkeypatch.setenv("WORKERS", "3")
    return SentMetrics(Resource.get_empty(), settings.load())


@pytest.fixture
def values(reader: InMemoryMetricReader) -> Callable[[str], list[tuple[object, ...]]]:
    """What is sent of a metric now: each value, after its attributes."""

    def look(name: str) -> list[tuple[object, ...]]:
        data = reader.get_metrics_data()
        assert data is not None
        (metric,) = (
            metric
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
        )
        return [(*(point.attributes or {}).items(), getattr(point, "value", None)) for point in metric.data.data_points]

    return look


def test_a_counter_is_read_when_it_is_time_to_send_it(
    sent: SentMetrics, values: Callable[[str], list[tuple[object, ...]]]
) -> None:
    answers = Counter("answers", "Answers.", ["status"], registry=None)
    sent.send(answers, "answers", "{answer}")
    answers.labels(200).inc()
    assert values("answers") == [(("http.response.status_code", 200), 1)]
    answers.labels(200).inc()
    answers.labels(404).inc()
    assert values("answers") == [(("http.response.status_code", 200), 2), (("http.response.status_code", 404), 1)]


@pytest.mark.parametrize(
    ("host", "address", "port"), [("127.0.0.1:443", "127.0.0.1", 443), ("[::1]:5432", "::1", 5432), ("a:1", "a", 1)]
)
def test_a_host_is_an_address_and_a_port(
    sent: SentMetrics, values: Callable[[str], list[tuple[object, ...]]], host: str, address: str, port: int
) -> None:
    open_ = Gauge("open", "Those that are open.", ["host"], registry=None)
    sent.send(open_, "open", "{one}")
    open_.labels(host).set(2)
    assert values("open") == [(("server.address", address), ("server.port", port), 2)]


@pytest.mark.usefixtures("sent")
def test_each_worker_sends_its_share_of_the_pool(values: Callable[[str], list[tuple[object, ...]]]) -> None:
    assert values("db.client.connection.max") == [(("db.client.connection.pool.name", "db.test:5432/show-down"), 2)]
