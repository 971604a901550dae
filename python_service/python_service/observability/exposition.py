"""What /metrics answers: the metrics of all workers, whichever of them is asked."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from python_service.observability.processes import Processes
from python_service.settings import Settings

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Exposition:
    """The metrics as Prometheus reads them."""

    def __init__(self, settings: Settings) -> None:
        self._registry = CollectorRegistry()
        MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call]
        self._registry.register(Processes())
        self._registry.register(_PoolSize(settings.pool_size))

    def text(self) -> bytes:
        return generate_latest(self._registry)


class _PoolSize(Collector):
    """A setting, so that it can be drawn beside what is in use."""

    def __init__(self, size: int) -> None:
        self._size = size

    def collect(self) -> list[Metric]:
        return [GaugeMetricFamily("database_pool_size", "The most database connections at a time.", self._size)]
