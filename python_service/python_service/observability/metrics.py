"""What the requests of both apps are measured by. Names are the same in all services: contract/service.md."""

from prometheus_client import Counter, Gauge
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

REQUESTS = Counter("http_requests", "Requests that were answered.", ["status"])
IN_FLIGHT = Gauge("http_requests_in_flight", "Requests that are being answered.", multiprocess_mode="livesum")
POOL_IN_USE = Gauge(
    "database_pool_in_use", "Database connections that requests are using.", multiprocess_mode="livesum"
)
HANDSHAKES = Counter("outbound_handshakes", "Connections to another service whose TLS handshake is done.", ["host"])


class PoolSize(Collector):
    """A setting, so that it can be drawn beside what is in use."""

    def __init__(self, size: int) -> None:
        self._size = size

    def collect(self) -> list[Metric]:
        return [GaugeMetricFamily("database_pool_size", "The most database connections at a time.", self._size)]
